import { closeSync, lstatSync, openSync, readdirSync, readlinkSync, readSync, type Stats } from "node:fs";
import { join } from "node:path";
import { nativeFile } from "../launch/locate.ts";
import { runOrFail } from "../process/run.ts";
import { type Scratch, storeOf } from "./scratch.ts";

export interface Change {
  /** Relative to the folder. */
  path: string;
  kind: "added" | "changed" | "deleted";
  type: "file" | "folder" | "link" | "other";
  /** Why it cannot be applied: the real one was changed since the scratch was begun. */
  conflict?: string;
}

/** The folder in which a change's new content is. */
export function newContentOf(scratch: Scratch): string {
  const { upper, merged } = storeOf(scratch);
  return scratch.way === "overlay" ? upper : merged;
}

/** What commands changed, parents before what is in them. */
export async function listChanges(scratch: Scratch): Promise<Change[]> {
  const opaque = scratch.way === "overlay" ? await listOpaque(storeOf(scratch).upper) : new Set<string>();
  const changes: Change[] = [];
  walk({ scratch, opaque, changes, root: newContentOf(scratch) }, "");
  return changes.sort((a, b) => (a.path < b.path ? -1 : 1));
}

interface Walk {
  scratch: Scratch;
  root: string;
  opaque: ReadonlySet<string>;
  changes: Change[];
}

function walk(at: Walk, folder: string): void {
  const names = namesIn(join(at.root, folder));
  for (const name of names) visit(at, folder === "" ? name : `${folder}/${name}`);
  // A copy lacks what was deleted; in an upper folder only one that hides all below it tells by what it lacks.
  if (at.scratch.way === "overlay" && !at.opaque.has(folder)) return;
  const known = new Set(names);
  for (const name of namesIn(join(at.scratch.folder, folder))) {
    if (!known.has(name)) visitMissing(at, folder === "" ? name : `${folder}/${name}`);
  }
}

function visit(at: Walk, path: string): void {
  const ours = lstatSync(join(at.root, path), { throwIfNoEntry: false });
  const theirs = lstatSync(join(at.scratch.folder, path), { throwIfNoEntry: false });
  if (!ours) return;
  if (at.scratch.way === "overlay" && ours.isCharacterDevice() && ours.rdev === 0) {
    if (theirs) addDeletion(at, path, theirs);
    return;
  }
  if (ours.isDirectory()) {
    if (!theirs?.isDirectory()) {
      if (wasMadeHere(at, ours)) add(at, path, theirs ? "changed" : "added", ours, theirs);
    } else if (ours.mode !== theirs.mode && isChangedHere(at, ours)) add(at, path, "changed", ours, theirs);
    walk(at, path);
  } else if (!theirs) {
    if (wasMadeHere(at, ours) || isChangedHere(at, ours)) add(at, path, "added", ours, theirs);
  } else if (isChangedHere(at, ours) && !isSame(join(at.root, path), ours, join(at.scratch.folder, path), theirs)) {
    add(at, path, "changed", ours, theirs);
  }
}

/** What is in an upper folder was put there by commands; in a copy only what is younger than the copy. */
const isChangedHere = ({ scratch }: Walk, ours: Stats) => scratch.way === "overlay" || ours.ctimeMs > scratch.ready;
const wasMadeHere = ({ scratch }: Walk, ours: Stats) => scratch.way === "overlay" || ours.birthtimeMs > scratch.ready;

function visitMissing(at: Walk, path: string): void {
  const theirs = lstatSync(join(at.scratch.folder, path), { throwIfNoEntry: false });
  // Somebody made it after the copy was taken.
  if (theirs && !(at.scratch.way !== "overlay" && theirs.birthtimeMs >= at.scratch.started)) addDeletion(at, path, theirs);
}

function addDeletion(at: Walk, path: string, theirs: Stats): void {
  const younger = findYounger(join(at.scratch.folder, path), theirs, at.scratch.started);
  const change: Change = { path, kind: "deleted", type: typeOf(theirs) };
  at.changes.push(younger === undefined ? change : { ...change, conflict: `${younger || "it"} was changed since` });
}

/** The path below a tree, "" for itself, of something changed since; undefined when nothing was. */
function findYounger(path: string, info: Stats, since: number): string | undefined {
  if (info.isDirectory()) {
    for (const name of namesIn(path)) {
      const inside = lstatSync(join(path, name), { throwIfNoEntry: false });
      const younger = inside && findYounger(join(path, name), inside, since);
      if (younger !== undefined) return younger === "" ? name : `${name}/${younger}`;
    }
  }
  return info.ctimeMs >= since ? "" : undefined;
}

function add(at: Walk, path: string, kind: Change["kind"], ours: Stats, theirs: Stats | undefined): void {
  const change: Change = { path, kind, type: typeOf(ours) };
  // A folder's change time says only that something in it came or went.
  const isYounger = theirs && !(theirs.isDirectory() && ours.isDirectory()) && theirs.ctimeMs >= at.scratch.started;
  at.changes.push(isYounger ? { ...change, conflict: "it was changed since" } : change);
}

function typeOf(info: Stats): Change["type"] {
  if (info.isDirectory()) return "folder";
  if (info.isSymbolicLink()) return "link";
  return info.isFile() ? "file" : "other";
}

/** Whether two paths hold the same: type, permissions and content. */
export function isSame(a: string, aInfo: Stats, b: string, bInfo: Stats): boolean {
  if (aInfo.mode !== bInfo.mode) return false;
  if (aInfo.isSymbolicLink()) return readlinkSync(a) === readlinkSync(b);
  return aInfo.isFile() && aInfo.size === bInfo.size && hasSameBytes(a, b);
}

function hasSameBytes(a: string, b: string): boolean {
  const files = [a, b].map((path) => ({ fd: openSync(path, "r"), chunk: Buffer.alloc(1 << 16) }));
  try {
    for (;;) {
      const [first, second] = files.map(({ fd, chunk }) => chunk.subarray(0, readSync(fd, chunk)));
      if (!first || !second || !first.equals(second)) return false;
      if (first.length === 0) return true;
    }
  } finally {
    for (const { fd } of files) closeSync(fd);
  }
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder).sort();
  } catch {
    // Not there, or not for us to look into: then no command of ours changed it either.
    return [];
  }
}

async function listOpaque(upper: string): Promise<Set<string>> {
  const { stdout } = await runOrFail([nativeFile("qpod-launch"), "opaque", upper]);
  return new Set(stdout.split("\0").filter(Boolean));
}
