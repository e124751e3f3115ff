import { visible } from "../base/text.ts";
import { isLinkLocal, mask, parseNetwork } from "./address.ts";
import type { Fault } from "./errors.ts";
import { joinSwitches } from "./switch-tree.ts";
import { type Interface, listInterfaces, type Topology } from "./topology.ts";

/** Addresses that cannot be, and those that two would have. */
export function checkAddresses(topology: Topology): Fault[] {
  const faults: Fault[] = [];
  const seen = new Map<string, string>();
  const { segments } = joinSwitches(topology);
  for (const one of listInterfaces(topology))
    for (const [i, address] of one.addresses.entries()) {
      const path = ["links", one.index, "addresses", one.host];
      // A single one needs no list.
      const full = Array.isArray(one.link.addresses?.[one.host]) ? [...path, i] : path;
      const fault = checkAddress(address, one, topology) ?? findTwin(address, one, segments, seen);
      if (fault) faults.push({ ...fault, path: full });
    }
  for (const [name, { nameservers = [] }] of Object.entries(topology.hosts))
    for (const [i, address] of nameservers.entries())
      if (!parseNetwork(address, true) || address.includes("/"))
        faults.push({
          code: "bad-address",
          fact: `"${visible(address)}" is no address of a name server`,
          path: ["hosts", name, "nameservers", i],
        });
  return faults;
}

type Finding = Omit<Fault, "path">;

function checkAddress(text: string, one: Interface, { switches }: Topology): Finding | undefined {
  const network = parseNetwork(text);
  if (!network) {
    const remedy = parseNetwork(text, true)
      ? `Write how long the network's part is: "${text}${text.includes(":") ? "/64" : "/24"}".`
      : 'As "10.0.0.1/24" or "fd00::1/64".';
    return { code: "bad-address", fact: `"${visible(text)}" is no address with a prefix`, remedy };
  }
  const { family, bytes, prefix } = network;
  if (family === 4 && prefix < 31 && mask(bytes, prefix).equals(bytes))
    return { code: "bad-address", fact: `${text} is the network's own address`, remedy: "Take another of that network." };
  if (family === 4 && prefix < 31 && isBroadcast(bytes, prefix))
    return { code: "bad-address", fact: `${text} is the network's broadcast address`, remedy: "Take another of that network." };
  if (bytes[0] === (family === 4 ? 127 : -1) || bytes.every((byte) => byte === 0) || (bytes[0] ?? 0) >= (family === 4 ? 224 : 255))
    return { code: "bad-address", fact: `${text} cannot be an interface's address`, remedy: "Take one that a host may have." };
  const mtus = [one.link.mtu, ...one.link.between.map((name) => switches[name]?.mtu)].filter((mtu) => mtu !== undefined);
  if (family === 6 && mtus.some((mtu) => mtu < 1280))
    return { code: "bad-mtu", fact: `${text} cannot be used on a link with an MTU of ${Math.min(...mtus)}`, remedy: "IPv6 needs 1280." };
  return undefined;
}

function isBroadcast(bytes: Buffer, prefix: number): boolean {
  return mask(Buffer.from(bytes.map((byte) => ~byte)), 32).equals(mask(Buffer.from(bytes.map((byte) => ~byte)), prefix));
}

/** Two labs, or two links, may use the same address; one host, or one network segment, may not. */
function findTwin(text: string, one: Interface, segments: ReadonlyMap<string, string>, seen: Map<string, string>): Finding | undefined {
  const bytes = parseNetwork(text)?.bytes.toString("hex");
  const segment = one.link.between.map((name) => segments.get(name)).find(Boolean) ?? `link ${one.index}`;
  // A router may have the same link-local address on each of its links.
  const places = [...(isLinkLocal(text) ? [] : [`host ${one.host}`]), `segment ${segment}`].map((place) => `${place} ${bytes}`);
  const twin = places.map((place) => seen.get(place)).find(Boolean);
  for (const place of places) seen.set(place, one.host);
  if (!twin) return undefined;
  return {
    code: "duplicate",
    fact: `"${one.host}" gets ${text}, which "${twin}" has already`,
    remedy: "Give each interface an address of its own.",
  };
}
