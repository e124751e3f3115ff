import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { replaceFile } from "../base/files.ts";
import type { Paths } from "../base/paths.ts";
import { lookAt, namesIfAny, type Raw, rawOf } from "./raw.ts";
import { contentOf, recordOf, type Scratch } from "./scratch.ts";

/**
 * What a copy held when it was made. By names and times alone a renamed folder, whose files are as old as they were,
 * would look like one that somebody deleted in the real tree.
 */
export interface Baseline {
  /** By path: the numbers of the copy and of the real one, and whether they are names of one file. */
  inodes: ReadonlyMap<Raw, { ours: number; theirs: number; isLinked: boolean }>;
  /** What we may not read stands in the copy empty. */
  unread: ReadonlySet<Raw>;
}

const fileOf = (name: string, paths: Paths) => join(dirname(recordOf(name, paths)), "baseline.json");

/** Notes it, once the copy is whole. */
export function writeBaseline(scratch: Scratch, unread: readonly Raw[], paths: Paths): void {
  const inodes: [Raw, number, number, 0 | 1][] = [];
  const [copy, real] = [rawOf(contentOf(scratch)), rawOf(scratch.folder)];
  const walk = (folder: Raw) => {
    for (const name of namesIfAny(join(copy, folder))) {
      const path = folder === "" ? name : `${folder}/${name}`;
      const ours = lookAt(join(copy, path));
      if (!ours) continue;
      const theirs = lookAt(join(real, path));
      // Files of two filesystems may have the same number.
      inodes.push([path, ours.ino, theirs?.ino ?? 0, theirs?.ino === ours.ino && theirs.dev === ours.dev ? 1 : 0]);
      if (ours.isDirectory()) walk(path);
    }
  };
  walk("");
  const below = real === "/" ? 1 : real.length + 1;
  replaceFile(fileOf(scratch.name, paths), JSON.stringify({ inodes, unread: unread.map((path) => path.slice(below)) }), 0o600, false);
}

/** Undefined for an overlay, which needs none. */
export function readBaseline(scratch: Scratch, paths: Paths): Baseline | undefined {
  const file = fileOf(scratch.name, paths);
  if (scratch.way === "overlay" || !existsSync(file)) return undefined;
  const { inodes, unread } = JSON.parse(readFileSync(file, "utf8")) as {
    inodes: [Raw, number, number, number][];
    unread: Raw[];
  };
  return {
    inodes: new Map(inodes.map(([path, ours, theirs, linked]) => [path, { ours, theirs, isLinked: linked === 1 }])),
    unread: new Set(unread),
  };
}
