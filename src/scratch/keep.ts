import { randomBytes } from "node:crypto";
import { chmodSync, cpSync, lchownSync, lstatSync, mkdirSync, readlinkSync, renameSync, rmSync, symlinkSync, utimesSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { errnoOf, QpodError } from "../base/errors.ts";
import { visible } from "../base/text.ts";
import { type Change, newContentOf } from "./changes.ts";
import type { Scratch } from "./scratch.ts";

/** How many conflicts are named in the error; `qpod scratch diff --stat` shows all. */
const NAMED = 5;

/**
 * Applies the changes to the real folder, each in one step: a file is never half written.
 * @throws QpodError before anything is touched when the real folder was changed in the same places.
 */
export function applyChanges(scratch: Scratch, changes: readonly Change[]): void {
  const conflicts = changes.filter(({ conflict }) => conflict);
  if (conflicts.length > 0) {
    const named = conflicts.slice(0, NAMED).map(({ path, conflict }) => `${visible(path)} (${conflict})`);
    const more = conflicts.length > NAMED ? ` and ${conflicts.length - NAMED} more` : "";
    throw new QpodError({
      fact: `not applied, since the real folder has other changes: ${named.join(", ")}${more}`,
      remedy:
        "Nothing was touched. `qpod scratch diff` shows the changes; put the real files back, or take over by hand, then drop the scratch.",
    });
  }
  const other = changes.find(({ kind, type }) => kind !== "deleted" && type === "other");
  if (other)
    throw new QpodError({
      fact: `not applied: ${visible(other.path)} is neither a file nor a folder nor a link`,
      remedy: "Remove it in the scratch.",
    });
  let done = 0;
  for (const change of changes) {
    try {
      applyOne(scratch, change);
      done++;
    } catch (error) {
      throw new QpodError({
        fact: `cannot apply ${visible(change.path)}: ${errnoOf(error) ?? error}; ${done} of ${changes.length} changes were`,
        remedy: "The scratch is still there: mend the cause, and say `qpod scratch keep` again.",
        cause: error,
      });
    }
  }
}

function applyOne(scratch: Scratch, { path, kind, type }: Change): void {
  const target = join(scratch.folder, path);
  if (kind === "deleted") {
    rmSync(target, { recursive: true, force: true });
    return;
  }
  const source = join(newContentOf(scratch), path);
  const info = lstatSync(source);
  const there = lstatSync(target, { throwIfNoEntry: false });
  if (there && there.isDirectory() !== info.isDirectory()) rmSync(target, { recursive: true });
  if (type === "folder") {
    if (!there?.isDirectory()) mkdirSync(target);
    chmodSync(target, info.mode & 0o7777);
    own(target, info);
    return;
  }
  const temporary = join(dirname(target), `.${basename(target)}.${randomBytes(6).toString("hex")}`);
  try {
    if (type === "link") symlinkSync(readlinkSync(source), temporary);
    else {
      cpSync(source, temporary);
      own(temporary, info);
      chmodSync(temporary, info.mode & 0o7777);
      utimesSync(temporary, info.atime, info.mtime);
    }
    renameSync(temporary, target);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
}

/** Only root can give things away, and only root's scratch has things of others. */
function own(path: string, { uid, gid }: { uid: number; gid: number }): void {
  if (process.getuid?.() === 0) lchownSync(path, uid, gid);
}
