import type { Topology } from "./topology.ts";

/** A link that joins switches which are joined already: its number, and their names in the order of the circle. */
export interface Circle {
  link: number;
  names: string[];
}

/** Which switches are one network segment, since links join them. */
export interface SwitchTrees {
  /** By the name of a switch: the same for all of a segment. */
  segments: ReadonlyMap<string, string>;
  circles: Circle[];
}

export function joinSwitches({ switches, links }: Topology): SwitchTrees {
  const segments = new Map(Object.keys(switches).map((name) => [name, name]));
  const neighbours = new Map(Object.keys(switches).map((name) => [name, [] as string[]]));
  const circles: Circle[] = [];
  for (const [link, { between }] of links.entries()) {
    const [here, there] = between;
    const [from, to] = [segments.get(here), segments.get(there)];
    if (from === undefined || to === undefined) continue;
    if (from === to) {
      circles.push({ link, names: [here, ...findWay(neighbours, there, here)] });
      continue;
    }
    for (const [name, segment] of segments) if (segment === to) segments.set(name, from);
    neighbours.get(here)?.push(there);
    neighbours.get(there)?.push(here);
  }
  return { segments, circles };
}

/** The names from one to another, in a tree that holds both. */
function findWay(neighbours: ReadonlyMap<string, string[]>, from: string, to: string, before?: string): string[] {
  if (from === to) return [from];
  for (const next of neighbours.get(from) ?? []) {
    const rest = next === before ? [] : findWay(neighbours, next, to, from);
    if (rest.length > 0) return [from, ...rest];
  }
  return [];
}
