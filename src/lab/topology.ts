/** A lab as plain data: what the builder gathers, a file says, and a drawing shows. */
export interface Topology {
  hosts: Record<string, HostOptions>;
  switches: Record<string, SwitchOptions>;
  links: Link[];
}

export interface HostOptions {
  /** Its root filesystem; the running system's own if left out, where only /etc and /run are the host's. */
  root?: RootOptions;
  /** Passes packets on between its interfaces. */
  forward?: boolean;
  routes?: Route[];
  /** Addresses for its /etc/resolv.conf. */
  nameservers?: string[];
  /** Whether what the system mounts while the lab is up appears in it: "slave" (the default), or "private". */
  propagation?: "slave" | "private";
}

/** Copy-on-write, and gone with the lab. */
export type RootOptions =
  /** Of the running system. */
  | "system"
  /** Of an environment of qpod's. */
  | { environment: string }
  /** Of a folder that holds a root filesystem. */
  | { folder: string };

export interface SwitchOptions {
  mtu?: number;
}

export interface Route {
  /** "default", an address, or a network: 10.1.0.0/16. */
  to: string;
  via?: string;
  /** The interface, where the gateway does not say which. */
  on?: string;
  metric?: number;
  /** Answers "unreachable" or "prohibited", or drops without a word, instead of passing on. */
  type?: RouteType;
}

export type RouteType = keyof typeof routeTypes;
/** RTN_* of <linux/rtnetlink.h>. */
export const routeTypes = { unicast: 1, blackhole: 6, unreachable: 7, prohibit: 8 } as const;

export interface LinkOptions {
  /** By the name of the host that has them: "10.0.0.1/24", "fd00::1/64". */
  addresses?: Record<string, string | readonly string[]>;
  /** Interface names by host; eth0, eth1 ... if left out. */
  interfaces?: Record<string, string>;
  mtu?: number;
  /** Milliseconds that a packet takes, in each direction; how much that varies. */
  delay?: number;
  jitter?: number;
  /** Percent of packets that get lost, in each direction. */
  loss?: number;
  /** "10mbit": what passes in a second, in each direction. */
  rate?: string;
}

export interface Link extends LinkOptions {
  /** Two hosts, a host and a switch, or two switches. */
  between: readonly [string, string];
}

/** One end of a link in a host. */
export interface Interface {
  host: string;
  name: string;
  addresses: readonly string[];
  link: Link;
  /** Number of the link in the topology. */
  index: number;
}

/** All interfaces of hosts, in the order of links; those that were not named get the next free ethN. */
export function listInterfaces({ hosts, links }: Topology): Interface[] {
  const given = new Map<string, Set<string>>();
  for (const { between, interfaces } of links)
    for (const host of between) {
      const name = interfaces?.[host];
      if (name !== undefined) given.set(host, (given.get(host) ?? new Set()).add(name));
    }
  const next = new Map<string, number>();
  return links.flatMap((link, index) =>
    link.between
      .filter((host) => Object.hasOwn(hosts, host))
      .map((host) => {
        const name = link.interfaces?.[host] ?? nextName(host, given.get(host), next);
        return { host, name, addresses: [link.addresses?.[host] ?? []].flat(), link, index };
      }),
  );
}

/** Where the ends of a link are that belong to no host: names of the interfaces outside of all hosts, by the switch. */
export function nameSwitchEnds({ hosts, links }: Topology, index: number): Map<string, string> {
  const ends = (links[index]?.between ?? []).filter((name) => !Object.hasOwn(hosts, name));
  return new Map(ends.map((name, i) => [name, `${i === 0 ? "p" : "q"}${index}`]));
}

function nextName(host: string, taken: Set<string> | undefined, next: Map<string, number>): string {
  let number = next.get(host) ?? 0;
  while (taken?.has(`eth${number}`)) number++;
  next.set(host, number + 1);
  return `eth${number}`;
}

export function isShaped({ delay, jitter, loss, rate }: LinkOptions): boolean {
  return Boolean(delay || jitter || loss || rate);
}
