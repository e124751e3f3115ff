import { didYouMean, listChoices, visible } from "../base/text.ts";
import { isInside, isLinkLocal, type Network, parseAddress, parseNetwork } from "./address.ts";
import type { Fault } from "./errors.ts";
import { type Interface, listInterfaces, type Route, routeTypes, type Topology } from "./topology.ts";

/** Routes that the kernel would refuse, with the reason that it does not give. */
export function checkRoutes(topology: Topology): Fault[] {
  const interfaces = group(listInterfaces(topology));
  return Object.entries(topology.hosts).flatMap(([host, { routes = [] }]) =>
    routes.flatMap((route, i) => {
      const fault = checkRoute(host, route, interfaces.get(host) ?? []);
      return fault ? [{ ...fault, path: ["hosts", host, "routes", i, ...fault.path] }] : [];
    }),
  );
}

function group(interfaces: Interface[]): Map<string, Interface[]> {
  const groups = new Map<string, Interface[]>();
  for (const one of interfaces) groups.set(one.host, [...(groups.get(one.host) ?? []), one]);
  return groups;
}

function checkRoute(host: string, route: Route, interfaces: Interface[]): Fault | undefined {
  const { to, via, on, type = "unicast" } = route;
  const gateway = via === undefined ? undefined : parseAddress(via);
  if (!Object.hasOwn(routeTypes, type))
    return {
      code: "bad-value",
      fact: `a route cannot be "${visible(type)}"`,
      path: ["type"],
      remedy: `It is ${listChoices(Object.keys(routeTypes))}.`,
    };
  if (to !== "default" && !parseNetwork(to, true))
    return { code: "bad-address", fact: `"${visible(to)}" is no network`, path: ["to"], remedy: '"default", or as "10.1.0.0/16".' };
  if (via !== undefined && !gateway) return { code: "bad-address", fact: `"${visible(via)}" is no address of a gateway`, path: ["via"] };
  const names = interfaces.map(({ name }) => name);
  if (on !== undefined && !names.includes(on))
    return { code: "unknown", fact: `"${host}" has no interface "${visible(on)}"`, path: ["on"], remedy: didYouMean(on, names) };
  if (type !== "unicast") return undefined;
  if (!gateway && on === undefined)
    return {
      code: "bad-value",
      fact: `the route to ${to} leads nowhere`,
      path: [],
      remedy: "Give it a gateway (`via`), an interface (`on`), or a `type`.",
    };
  const network = to === "default" ? undefined : parseNetwork(to, true);
  if (gateway && network && gateway.length !== network.bytes.length)
    return { code: "bad-address", fact: `${to} and its gateway ${via} are of different families`, path: ["via"] };
  const own = interfaces.flatMap(({ addresses }) => addresses);
  if (via !== undefined && isLinkLocal(via)) {
    if (on !== undefined) return undefined;
    return { code: "bad-value", fact: `${via} may be on any link of "${host}"`, path: ["via"], remedy: "Say on which interface: `on`." };
  }
  if (gateway && own.some((address) => parseNetwork(address)?.bytes.equals(gateway)))
    return { code: "bad-address", fact: `${via} is "${host}" itself`, path: ["via"], remedy: "Give the address of its neighbour." };
  if (gateway && !isNeighbour(gateway, interfaces)) {
    return {
      code: "bad-address",
      fact: `${via} is no neighbour of "${host}"`,
      path: ["via"],
      remedy: own.length > 0 ? `Its own addresses are ${own.join(", ")}.` : "It has no address.",
    };
  }
  return undefined;
}

function isNeighbour(gateway: Buffer, interfaces: Interface[]): boolean {
  const networks = interfaces
    .flatMap(({ addresses }) => addresses.map((one) => parseNetwork(one)))
    .filter((one): one is Network => one !== undefined);
  return networks.some((network) => isInside(gateway, network));
}
