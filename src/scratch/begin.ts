import { rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { QpodError } from "../base/errors.ts";
import type { Paths } from "../base/paths.ts";
import type { Progress } from "../base/progress.ts";
import { runOrFail } from "../process/run.ts";
import { chooseStore, chooseWay } from "./choose-way.ts";
import { findScratch, nameOf, removeScratch, type Scratch, storeOf, writeScratch } from "./scratch.ts";

/** The scratch of a folder: the one that there is, or a new one. */
export async function beginScratch(folder: string, way: string | undefined, paths: Paths, progress: Progress): Promise<Scratch> {
  const found = findScratch(folder, paths);
  if (found && (way === undefined || way === found.way)) return found;
  if (found) {
    throw new QpodError({
      fact: `the scratch of ${folder} was begun by ${found.way}`,
      remedy: `Keep or drop it first: qpod scratch drop ${folder}`,
    });
  }
  const chosen = await chooseWay(way);
  const name = nameOf(folder);
  const scratch: Scratch = { name, folder, way: chosen.way, started: 0, ready: 0, store: chooseStore(name, folder, chosen.way, paths) };
  writeScratch(scratch, paths);
  try {
    scratch.started = readClock(scratch);
    if (scratch.way !== "overlay") await copyFolder(scratch, progress);
    scratch.ready = readClock(scratch);
    writeScratch(scratch, paths);
  } catch (error) {
    await removeScratch(scratch, paths);
    throw error;
  }
  return scratch;
}

/** Now, by the clock that change times are taken from: it goes in ticks, and may lag the one that programs read. */
function readClock({ store }: Scratch): number {
  const file = join(store, "clock");
  writeFileSync(file, "");
  const { ctimeMs } = statSync(file);
  rmSync(file);
  return ctimeMs;
}

/** Blocks are shared where the filesystem can do that. Hard links would not do: a program that writes into a file changes all of its names. */
async function copyFolder(scratch: Scratch, progress: Progress): Promise<void> {
  progress.step(`copying ${scratch.folder}`);
  const { merged } = storeOf(scratch);
  await runOrFail(["cp", "--archive", "--one-file-system", "--reflink=auto", "--", `${scratch.folder}/.`, merged]);
}
