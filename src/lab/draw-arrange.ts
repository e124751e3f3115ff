import { type Interface, isShaped, type Link, listInterfaces, type Topology } from "./topology.ts";

/** A host or switch in a drawing, and what is reached from it first. */
export interface Node {
  name: string;
  title: string;
  isSwitch: boolean;
  /** False: it was drawn before, and its links with it. */
  isNew: boolean;
  links: { here: string; there: string; note: string; to: Node }[];
}

/** The topology as trees: links that would close a circle lead to a node that is not new. */
export function arrange(topology: Topology): Node[] {
  const names = [...Object.keys(topology.hosts), ...Object.keys(topology.switches)];
  const degree = (name: string) => topology.links.filter(({ between }) => between.includes(name)).length;
  // From the middle: what has most links.
  const ordered = [...names].sort((a, b) => degree(b) - degree(a));
  const ends = new Map(listInterfaces(topology).map((one) => [`${one.index} ${one.host}`, one]));
  const seen = new Set<string>();
  const drawn = new Set<number>();
  const make = (name: string): Node => {
    const isNew = !seen.has(name);
    seen.add(name);
    return { name, title: titleOf(topology, name), isSwitch: Object.hasOwn(topology.switches, name), isNew, links: [] };
  };
  const grow = (node: Node) => {
    // All neighbours before theirs, so that each is as near to the middle as it can be.
    for (const [i, link] of topology.links.entries()) {
      if (drawn.has(i) || !link.between.includes(node.name)) continue;
      drawn.add(i);
      const other = link.between[0] === node.name ? link.between[1] : link.between[0];
      const label = (name: string) => describeEnd(ends.get(`${i} ${name}`));
      node.links.push({ here: label(node.name), there: label(other), note: describeLink(link), to: make(other) });
    }
    for (const { to } of node.links) if (to.isNew) grow(to);
  };
  return ordered.flatMap((name) => {
    if (seen.has(name)) return [];
    const root = make(name);
    grow(root);
    return [root];
  });
}

function titleOf({ hosts, switches }: Topology, name: string): string {
  if (Object.hasOwn(switches, name)) return `[${name}]`;
  const { root, forward } = hosts[name] ?? {};
  const what = typeof root === "object" ? ("environment" in root ? root.environment : root.folder) : root;
  const notes = [forward ? "forwards" : "", what ? `root: ${what}` : ""].filter(Boolean);
  return notes.length > 0 ? `${name} (${notes.join(", ")})` : name;
}

function describeEnd(one: Interface | undefined): string {
  return one ? [one.name, ...one.addresses].join(" ") : "";
}

function describeLink(link: Link): string {
  const { mtu, delay, jitter, loss, rate } = link;
  const words = [mtu ? `mtu ${mtu}` : ""];
  if (isShaped(link)) words.push(delay ? `${delay} ms${jitter ? ` ± ${jitter}` : ""}` : "", loss ? `loss ${loss}%` : "", rate ?? "");
  return words.filter(Boolean).join(", ");
}
