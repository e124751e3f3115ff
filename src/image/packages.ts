import { join } from "node:path";
import { readIfThere } from "../base/files.ts";

/** A package whose version changed; one of both is absent when it came or went. */
export interface PackageChange {
  name: string;
  before?: string;
  after?: string;
}

/** Installed packages of a tree by name, with their versions; undefined where dpkg installed none. */
export function readPackages(tree: string | undefined): Map<string, string> | undefined {
  const text = tree === undefined ? undefined : readIfThere(join(tree, "var/lib/dpkg/status"));
  if (text === undefined) return undefined;
  const stanzas = text.split("\n\n").filter((stanza) => /^Status: \S+ \S+ installed$/m.test(stanza));
  const field = (stanza: string, name: string) => new RegExp(`^${name}: (.*)$`, "m").exec(stanza)?.[1] ?? "";
  return new Map(stanzas.map((stanza) => [`${field(stanza, "Package")}:${field(stanza, "Architecture")}`, field(stanza, "Version")]));
}

export function comparePackages(before: ReadonlyMap<string, string>, after: ReadonlyMap<string, string>): PackageChange[] {
  return [...new Set([...before.keys(), ...after.keys()])].sort().flatMap((key): PackageChange[] => {
    const [old, present] = [before.get(key), after.get(key)];
    if (old === present) return [];
    const name = key.replace(/:[^:]*$/, "");
    return [{ name, ...(old === undefined ? {} : { before: old }), ...(present === undefined ? {} : { after: present }) }];
  });
}
