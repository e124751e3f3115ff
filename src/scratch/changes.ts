import type { Stats } from "node:fs";
import { join } from "node:path";
import { errnoOf, QpodError } from "../base/errors.ts";
import type { Paths } from "../base/paths.ts";
import { visible } from "../base/text.ts";
import { type Baseline, readBaseline } from "./baseline.ts";
import { hasSameContent, hasSameRights, type Type, typeOf } from "./compare.ts";
import { readMarks } from "./native.ts";
import { lookAt, namesIfAny, namesIn, type Raw, rawOf, textOf } from "./raw.ts";
import { contentOf, type Scratch } from "./scratch.ts";

export interface Change {
  /** Relative to the folder. */
  path: Raw;
  kind: "added" | "changed" | "deleted";
  type: Type;
  /** What stands there in the real folder, where that is of another type. */
  was?: Type;
  /** Why it cannot be applied: the real one was changed since the scratch was begun. */
  conflict?: string;
}

/** What commands changed, parents before what is in them. */
export async function listChanges(scratch: Scratch, paths: Paths): Promise<Change[]> {
  const root = rawOf(contentOf(scratch));
  const at: Walk = {
    scratch,
    root,
    real: rawOf(scratch.folder),
    marks: await readMarks(scratch, root),
    baseline: readBaseline(scratch, paths),
    changes: [],
  };
  visitRoot(at);
  walk(at, "");
  return at.changes.sort((a, b) => (a.path < b.path ? -1 : 1));
}

interface Walk {
  scratch: Scratch;
  root: Raw;
  real: Raw;
  marks: ReadonlyMap<Raw, string>;
  /** Of a copy. */
  baseline: Baseline | undefined;
  changes: Change[];
}

/** The folder itself: in it commands can only change who may do what. */
function visitRoot(at: Walk): void {
  const [ours, theirs] = [lookAt(at.root), lookAt(at.real)];
  if (at.real !== "/" && ours && theirs && !hasSameRights(ours, theirs)) at.changes.push({ path: ".", kind: "changed", type: "folder" });
}

const within = (folder: Raw, name: Raw): Raw => (folder === "" ? name : `${folder}/${name}`);
const isMarked = ({ marks }: Walk, path: Raw, letter: string) => marks.get(path)?.includes(letter) === true;

function walk(at: Walk, folder: Raw): void {
  const names = namesOfOurs(at, folder);
  for (const name of names) visit(at, within(folder, name));
  // A copy lacks what was deleted; in an upper folder only one that hides all below it tells by what it lacks.
  if (at.scratch.way === "overlay" && !isMarked(at, folder, "o")) return;
  const known = new Set(names);
  for (const name of namesIfAny(join(at.real, folder))) if (!known.has(name)) visitMissing(at, within(folder, name));
}

function namesOfOurs(at: Walk, folder: Raw): Raw[] {
  try {
    return namesIn(join(at.root, folder));
  } catch (error) {
    throw new QpodError({
      fact: `cannot look into ${visible(textOf(folder))} of the scratch: ${errnoOf(error) ?? error}`,
      remedy: `Give yourself the right: qpod scratch -- chmod u+rwx ${visible(textOf(folder))}`,
    });
  }
}

function visit(at: Walk, path: Raw): void {
  const ours = lookAt(join(at.root, path));
  const theirs = lookAt(join(at.real, path));
  if (!ours || at.baseline?.unread.has(path)) return;
  if (at.scratch.way === "overlay" && ours.isCharacterDevice() && ours.rdev === 0) {
    if (theirs) addDeletion(at, path, theirs);
  } else if (ours.isDirectory()) {
    visitFolder(at, path, ours, theirs);
  } else if (isChangedHere(at, path, ours) && !(theirs && isSame(at, path, ours, theirs))) {
    add(at, path, ours, theirs);
  }
}

function visitFolder(at: Walk, path: Raw, ours: Stats, theirs: Stats | undefined): void {
  const before = at.changes.length;
  const isOnlyTheWay = !theirs?.isDirectory() && wasThere(at, path, ours);
  if (!theirs?.isDirectory() || (isChangedHere(at, path, ours) && !hasSameAccess(at, path, ours, theirs))) add(at, path, ours, theirs);
  const added = at.changes.length;
  walk(at, path);
  // Somebody removed it in the real tree, and no command changed anything in it.
  if (isOnlyTheWay && at.changes.length === added) at.changes.length = before;
}

/** What is in an upper folder was put there by commands; in a copy what is younger than it, or was not there by this name. */
function isChangedHere({ scratch, baseline }: Walk, path: Raw, ours: Stats): boolean {
  if (scratch.way === "overlay") return true;
  const noted = baseline?.inodes.get(path);
  if (noted?.ours !== ours.ino) return true;
  // Git's own files are linked: what happens to their other names changes their times.
  return ours.ctimeMs > scratch.ready && !noted.isLinked;
}

/** Whether it was in the real tree when the scratch was begun, as far as can be told. */
function wasThere(at: Walk, path: Raw, ours: Stats): boolean {
  if (at.scratch.way === "overlay") return isMarked(at, path, "u");
  return at.baseline?.inodes.get(path)?.ours === ours.ino;
}

const hasSameAccess = (at: Walk, path: Raw, ours: Stats, theirs: Stats) => hasSameRights(ours, theirs) && !isMarked(at, path, "x");

function isSame(at: Walk, path: Raw, ours: Stats, theirs: Stats): boolean {
  return hasSameAccess(at, path, ours, theirs) && hasSameContent(join(at.root, path), ours, join(at.real, path), theirs);
}

function visitMissing(at: Walk, path: Raw): void {
  const theirs = lookAt(join(at.real, path));
  // Somebody made it after the copy was taken.
  if (theirs && (at.scratch.way === "overlay" || at.baseline?.inodes.has(path))) addDeletion(at, path, theirs);
}

function addDeletion(at: Walk, path: Raw, theirs: Stats): void {
  const conflict = findConflict(at, path, theirs);
  at.changes.push({ path, kind: "deleted", type: typeOf(theirs), ...(conflict ? { conflict } : {}) });
}

function add(at: Walk, path: Raw, ours: Stats, theirs: Stats | undefined): void {
  const type = typeOf(ours);
  const kind = theirs ? "changed" : "added";
  const was = theirs && typeOf(theirs) !== type ? { was: typeOf(theirs) } : {};
  // A folder's change time says only that something in it came or went.
  const isFolderStill = theirs?.isDirectory() && ours.isDirectory();
  const gone = !theirs && wasThere(at, path, ours) ? "it was removed since" : undefined;
  const conflict = theirs && !isFolderStill ? findConflict(at, path, theirs) : gone;
  at.changes.push({ path, kind, type, ...was, ...(conflict ? { conflict } : {}) });
}

function findConflict(at: Walk, path: Raw, theirs: Stats): string | undefined {
  const younger = findYounger(at, path, theirs);
  if (younger === undefined) return undefined;
  return `${younger === path ? "it" : textOf(younger.slice(path.length + 1))} was changed since`;
}

/** The path, or one below it, of something of the real tree that was changed since. */
function findYounger(at: Walk, path: Raw, info: Stats): Raw | undefined {
  if (info.isDirectory()) {
    for (const name of namesIfAny(join(at.real, path))) {
      const inside = lookAt(join(at.real, path, name));
      const younger = inside && findYounger(at, within(path, name), inside);
      if (younger !== undefined) return younger;
    }
  }
  const noted = at.baseline?.inodes.get(path);
  if (at.baseline && noted?.theirs !== info.ino) return path;
  return info.ctimeMs >= at.scratch.started && !noted?.isLinked ? path : undefined;
}
