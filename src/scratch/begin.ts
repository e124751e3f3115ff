import { chmodSync, chownSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { QpodError } from "../base/errors.ts";
import type { Paths } from "../base/paths.ts";
import type { Progress } from "../base/progress.ts";
import { writeBaseline } from "./baseline.ts";
import { chooseStore, chooseWay } from "./choose-way.ts";
import { readJournal } from "./keep-journal.ts";
import { makeCopy } from "./make-copy.ts";
import { findBegun, nameOf, removeScratch, type Scratch, storeOf, withScratchLock, writeScratch } from "./scratch.ts";

/** The scratch of a folder: the one that there is, or a new one. */
export async function beginScratch(folder: string, way: string | undefined, paths: Paths, progress: Progress): Promise<Scratch> {
  return withScratchLock(folder, paths, async () => {
    const found = findBegun(folder, paths);
    if (found && readJournal(found, paths)) {
      throw new QpodError({
        fact: `a keep of the scratch of ${folder} was interrupted`,
        remedy: "`qpod scratch keep` finishes it; `qpod scratch drop` leaves the rest.",
      });
    }
    if (found?.ready && (way === undefined || way === found.way)) return found;
    if (found?.ready) {
      throw new QpodError({
        fact: `the scratch of ${folder} was begun by ${found.way}`,
        remedy: `Keep or drop it first: qpod scratch drop ${folder}`,
      });
    }
    // Its copy was interrupted: nothing ran in it.
    if (found) await removeScratch(found, paths);
    return makeScratch(folder, way, paths, progress);
  });
}

async function makeScratch(folder: string, way: string | undefined, paths: Paths, progress: Progress): Promise<Scratch> {
  const chosen = await chooseWay(way);
  const name = nameOf(folder);
  const scratch: Scratch = { name, folder, way: chosen.way, started: 0, ready: 0, store: chooseStore(name, folder, chosen.way, paths) };
  writeScratch(scratch, paths);
  try {
    if (scratch.way === "overlay" && folder !== "/") dressUpper(scratch);
    scratch.started = readClock(scratch);
    if (scratch.way !== "overlay") writeBaseline(scratch, await makeCopy(scratch, paths, progress), paths);
    scratch.ready = readClock(scratch);
    writeScratch(scratch, paths);
  } catch (error) {
    await removeScratch(scratch, paths);
    throw error;
  }
  return scratch;
}

/** The overlay's own root is seen in the folder's place. */
function dressUpper(scratch: Scratch): void {
  const { upper } = storeOf(scratch);
  const { uid, gid, mode } = statSync(scratch.folder);
  if (process.getuid?.() === 0) chownSync(upper, uid, gid);
  chmodSync(upper, mode & 0o7777);
}

/** Now, by the clock that change times are taken from: it goes in ticks, and may lag the one that programs read. */
function readClock({ store }: Scratch): number {
  const file = join(store, "clock");
  writeFileSync(file, "");
  const { ctimeMs } = statSync(file);
  rmSync(file);
  return ctimeMs;
}
