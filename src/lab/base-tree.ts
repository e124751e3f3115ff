import { lstatSync, readdirSync } from "node:fs";
import { join } from "node:path";

/** What a tree below copies looked like: the time of each folder and file, three folders deep. */
export type TreeState = ReadonlyMap<string, string>;

const DEPTH = 3;

/** Takes note of a tree; some milliseconds for one of a distribution. */
export function noteTree(tree: string): TreeState {
  const state = new Map<string, string>();
  const visit = (path: string, depth: number) => {
    for (const entry of list(join(tree, path))) {
      const here = join(path, entry);
      const info = lstatSync(join(tree, here), { throwIfNoEntry: false });
      if (!info) continue;
      state.set(here, `${info.ino} ${info.mtimeMs} ${info.size} ${info.mode}`);
      if (info.isDirectory() && depth > 1) visit(here, depth - 1);
    }
  };
  visit("/", DEPTH);
  return state;
}

/** What was added, changed or removed since; in the order of names. */
export function findChanges(tree: string, before: TreeState): string[] {
  const now = noteTree(tree);
  const all = new Set([...before.keys(), ...now.keys()]);
  return [...all].filter((path) => before.get(path) !== now.get(path)).sort();
}

function list(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
