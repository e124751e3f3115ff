import type { Stats } from "node:fs";
import { dirname, join } from "node:path";
import type { Change } from "./changes.ts";
import type { Stamp, Step } from "./keep-journal.ts";
import { lookAt, type Raw, rawOf } from "./raw.ts";
import { contentOf, type Scratch } from "./scratch.ts";

/** What begins so in the real folder is a keep's, and is gone after it. */
const mark = (scratch: Scratch, i: number) => `.qpod-keep-${scratch.name.slice(-8)}-${i}`;

/**
 * The steps that apply the changes. What a new folder holds comes with it, in one step. Folders that stay get their
 * permissions last, when nothing more is put into them.
 */
export function planSteps(scratch: Scratch, changes: readonly Change[]): Step[] {
  const [real, content] = [rawOf(scratch.folder), rawOf(contentOf(scratch))];
  const whole = new Set<Raw>();
  const steps: Step[] = [];
  const dressing: Step[] = [];
  for (const [i, { path, kind, type, was }] of changes.entries()) {
    if (isWithin(path, whole)) continue;
    const target = join(real, path);
    const aside = join(dirname(target), mark(scratch, i));
    const theirs = lookAt(target);
    if (kind === "deleted") {
      if (theirs) steps.push({ does: "remove", target, aside, before: stampOf(theirs) });
    } else if (type === "folder" && kind === "changed" && !was) {
      dressing.unshift({ does: "dress", target, source: join(content, path) });
    } else {
      if (type === "folder") whole.add(path);
      const changesPlaces = theirs && (type === "folder" || theirs.isDirectory());
      const old = changesPlaces ? { old: `${aside}-old` } : {};
      steps.push({ does: "put", target, aside, ...old, ...(theirs ? { before: stampOf(theirs) } : {}) });
    }
  }
  return [...steps, ...dressing];
}

function stampOf({ ino, size, mtimeMs }: Stats): Stamp {
  return { ino, size, mtimeMs };
}

/** Whether it is still as it was when the changes were compared with it. */
export function isAsBefore(theirs: Stats | undefined, before: Stamp | undefined): boolean {
  if (!theirs || !before) return !theirs && !before;
  return theirs.ino === before.ino && theirs.size === before.size && theirs.mtimeMs === before.mtimeMs;
}

function isWithin(path: Raw, folders: ReadonlySet<Raw>): boolean {
  for (let end = path.lastIndexOf("/"); end > 0; end = path.lastIndexOf("/", end - 1)) {
    if (folders.has(path.slice(0, end))) return true;
  }
  return false;
}

/** Where the new content of a step is, in the scratch. */
export function sourceOf(scratch: Scratch, target: Raw): Raw {
  const real = rawOf(scratch.folder);
  return join(rawOf(contentOf(scratch)), target.slice(real === "/" ? 1 : real.length + 1));
}
