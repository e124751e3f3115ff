import { type Operation, op } from "../launch/operations.ts";
import { isLinkLocal, mask, parseAddress, parseNetwork } from "./address.ts";
import { type HostRoot, rootOperations } from "./host-root.ts";
import type { Patch } from "./patchwork.ts";
import { type Interface, listInterfaces, nameSwitchEnds, type Route, routeTypes, type Topology } from "./topology.ts";

const SWITCH = 0xffffffff;
const ETHERNET_MTU = 1500;
/** LAB_FILE_* of native/format/operation.h. */
export const labFile = { optional: 1, new: 2 } as const;

/** What a lab stands on. */
export interface Ground {
  /** Trees of hosts that have a root of their own. */
  roots: ReadonlyMap<string, HostRoot>;
  /** In a user namespace. */
  inUsers: boolean;
  /** What is in /etc, where no overlay can be laid over it. */
  etc?: readonly Patch[] | undefined;
}

/** All hosts and links, as the launcher makes them. Hosts are numbered in their order. */
export function compileTopology(topology: Topology, ground: Ground): Operation[] {
  const interfaces = listInterfaces(topology);
  const own = new Map(Object.keys(topology.hosts).map((name) => [name, [] as Interface[]]));
  for (const one of interfaces) own.get(one.host)?.push(one);
  const names = listNames(interfaces);
  return [
    ...Object.keys(topology.hosts).flatMap((name, i) => hostOperations(topology, name, i, own.get(name) ?? [], names, ground)),
    ...linkOperations(topology, interfaces),
  ];
}

function hostOperations(
  topology: Topology,
  name: string,
  number: number,
  interfaces: Interface[],
  names: string,
  ground: Ground,
): Operation[] {
  const { forward, nameservers = [], routes = [] } = topology.hosts[name] ?? {};
  const files = {
    hosts: `127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost\n${names}`,
    "resolv.conf": nameservers.map((address) => `nameserver ${address}\n`).join(""),
    hostname: `${name}\n`,
  };
  return [
    { code: op.labHost, numbers: [number], strings: [name] },
    ...rootOperations(topology.hosts[name] ?? {}, ground.roots.get(name), files, ground),
    // An address would wait for a second, to see whether somebody else has it.
    setting("net/ipv6/conf/default/accept_dad", "0", true),
    // A new network namespace takes some of the system's settings over.
    setting("net/ipv4/ip_forward", forward ? "1" : "0"),
    setting("net/ipv6/conf/all/forwarding", forward ? "1" : "0", true),
    { code: op.labLinked },
    ...(interfaces.length > 0 ? [{ code: op.labUp, strings: interfaces.map((one) => one.name) }] : []),
    ...interfaces.flatMap((one) => one.addresses.map((address) => addressOperation(one.name, address))),
    ...routes.flatMap(routeOperations),
  ];
}

function setting(path: string, value: string, optional = false): Operation {
  return { code: op.labFile, numbers: [optional ? labFile.optional : 0], strings: [`/proc/sys/${path}`, value] };
}

function addressOperation(name: string, address: string): Operation {
  const network = parseNetwork(address);
  return { code: op.labAddress, numbers: [network?.prefix ?? 0], strings: [name, network?.bytes ?? ""] };
}

/** A default route without a gateway is one of each family. */
function routeOperations({ to, via = "", on = "", metric = 0, type = "unicast" }: Route): Operation[] {
  const gateway = via ? parseAddress(via) : undefined;
  const network = to === "default" ? undefined : parseNetwork(to, true);
  const everything = [4, 16]
    .filter((size) => !gateway || gateway.length === size)
    .map((size) => ({ bytes: Buffer.alloc(size), prefix: 0 }));
  return (network ? [network] : everything).map(({ bytes, prefix }) => ({
    code: op.labRoute,
    numbers: [prefix, routeTypes[type], metric],
    strings: [on, mask(bytes, prefix), gateway ?? ""],
  }));
}

function linkOperations(topology: Topology, interfaces: Interface[]): Operation[] {
  const { switches, hosts, links } = topology;
  const numbers = new Map(Object.keys(hosts).map((name, i) => [name, i]));
  const bridges = new Map(Object.keys(switches).map((name, i) => [name, `s${i}`]));
  const ends = new Map(interfaces.map((one) => [`${one.index} ${one.host}`, one.name]));
  return [
    ...Object.entries(switches).map(([name, { mtu = 0 }]) => ({ code: op.labSwitch, numbers: [mtu], strings: [bridges.get(name) ?? ""] })),
    ...links.map((link, i) => {
      const outside = nameSwitchEnds(topology, i);
      // A host's end comes first.
      const [here, there] = bridges.has(link.between[0]) ? [link.between[1], link.between[0]] : link.between;
      const nameOf = (end: string) => outside.get(end) ?? ends.get(`${i} ${end}`) ?? "";
      return {
        code: op.labPair,
        numbers: [numbers.get(here) ?? SWITCH, numbers.get(there) ?? SWITCH, link.mtu ?? smallestMtu([here, there], switches)],
        strings: [nameOf(here), nameOf(there), bridges.get(here) ?? "", bridges.get(there) ?? ""],
      };
    }),
  ];
}

/** Of the switches at a link; 0 where it is the kernel's own. */
function smallestMtu(ends: string[], switches: Topology["switches"]): number {
  const given = ends.filter((end) => Object.hasOwn(switches, end)).map((end) => switches[end]?.mtu);
  return given.some((mtu) => mtu !== undefined) ? Math.min(...given.map((mtu) => mtu ?? ETHERNET_MTU)) : 0;
}

/** Lines for /etc/hosts: every address of every host, but those that do not say on which link. */
function listNames(interfaces: Interface[]): string {
  const lines = (one: Interface) =>
    one.addresses.filter((address) => !isLinkLocal(address)).map((address) => [address.split("/")[0], one.host]);
  return interfaces.flatMap((one) => lines(one).map((line) => `${line.join("\t")}\n`)).join("");
}
