import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { basename, join } from "node:path";
import { QpodError } from "../base/errors.ts";
import { replaceFile } from "../base/files.ts";
import { withLock } from "../base/lock.ts";
import type { Paths } from "../base/paths.ts";
import { asNamespaceRoot } from "../launch/user-namespace.ts";
import { runOrFail } from "../process/run.ts";
import { rawOf } from "./raw.ts";
import { removeTree } from "./remove-tree.ts";

/** Milliseconds: a copy of a big tree takes its time. */
const LOCK_MS = 600_000;

/**
 * How the real folder is kept as it is: `overlay` notes changes beside it; `copy` shows a copy in its place; `proot`
 * does so by tracing, where nothing may be mounted; `chroot` by a copy of the whole system around it.
 */
export type Way = "overlay" | "copy" | "proot" | "chroot";

/** A folder's changes on trial. There is at most one for a folder; running again goes on with it. */
export interface Scratch {
  name: string;
  /** What is kept as it is: a work tree, a folder, or `/`. Physical. */
  folder: string;
  way: Way;
  /** Milliseconds since the epoch, by the clock of the filesystem's change times. */
  started: number;
  /** The same, from when on what differs was changed by a command. */
  ready: number;
  /** Where the changes are; not always below the record: an overlay of `/` needs another filesystem. */
  store: string;
  /** Pod in which the folder is shown with the changes, once a command of an environment was run. */
  pod?: string;
}

/** The folders of a scratch's store. */
export function storeOf({ store }: Pick<Scratch, "store">) {
  return { upper: join(store, "upper"), work: join(store, "work"), merged: join(store, "merged") };
}

/** The folder in which a change's new content is: the copy, or what of it differs. */
export function contentOf(scratch: Scratch): string {
  const { upper, merged } = storeOf(scratch);
  if (scratch.way === "overlay") return upper;
  return scratch.way === "chroot" ? join(merged, scratch.folder) : merged;
}

/** The record, which is also what tells the launcher that it runs in a scratch. */
export function recordOf(name: string, paths: Paths): string {
  return join(paths.data, "scratch", name, "record.json");
}

/** In a scratch this file of the runtime folder is the record; elsewhere it is empty, for the record to be mounted on. */
export function markOf(paths: Paths): string {
  return join(paths.runtime, "scratch");
}

export function nameOf(folder: string): string {
  const hash = createHash("sha256").update(folder).digest("hex").slice(0, 8);
  return `${basename(folder).replaceAll(/[^A-Za-z0-9._-]/g, "_") || "root"}-${hash}`;
}

/** Not one whose copy was never finished. */
export function findScratch(folder: string, paths: Paths): Scratch | undefined {
  const found = findBegun(folder, paths);
  return found?.ready ? found : undefined;
}

/** Also one whose copy was never finished. */
export function findBegun(folder: string, paths: Paths): Scratch | undefined {
  return readRecord(recordOf(nameOf(folder), paths));
}

/** Runs an action while no other qpod begins, keeps or drops the folder's scratch. */
export function withScratchLock<T>(folder: string, paths: Paths, action: () => Promise<T>): Promise<T> {
  const lock = join(paths.data, "scratch", `${nameOf(folder)}.lock`);
  return withLock(lock, action, { what: `the scratch of ${folder}`, timeout: LOCK_MS });
}

/** @throws QpodError when there is none for the folder. */
export function requireScratch(folder: string, paths: Paths): Scratch {
  const found = findScratch(folder, paths);
  if (found) return found;
  throw new QpodError({
    fact: `there is no scratch of ${folder}`,
    remedy: "`qpod scratch list` shows those that there are; `qpod scratch -- COMMAND` begins one.",
  });
}

export function listScratches(paths: Paths): Scratch[] {
  const folder = join(paths.data, "scratch");
  const names = existsSync(folder) ? readdirSync(folder) : [];
  return names.flatMap((name) => readRecord(recordOf(name, paths)) ?? []).filter(({ ready }) => ready);
}

export function writeScratch(scratch: Scratch, paths: Paths): void {
  const { upper, work, merged } = storeOf(scratch);
  for (const folder of [scratch.store, upper, work, merged]) mkdirSync(folder, { recursive: true, mode: 0o700 });
  if (!existsSync(markOf(paths))) replaceFile(markOf(paths), "");
  replaceFile(recordOf(scratch.name, paths), JSON.stringify(scratch));
}

/** Forgets the changes. */
export async function removeScratch(scratch: Scratch, paths: Paths): Promise<void> {
  try {
    removeTree(rawOf(scratch.store));
  } catch {
    // The kernel's own folder in an overlay's store belongs to root of its namespace, and so may what a pod's root made.
    await runOrFail(asNamespaceRoot(["rm", "-rf", "--one-file-system", "--", scratch.store]));
  }
  rmSync(join(paths.data, "scratch", scratch.name), { recursive: true, force: true });
}

function readRecord(file: string): Scratch | undefined {
  if (!existsSync(file)) return undefined;
  try {
    return JSON.parse(readFileSync(file, "utf8")) as Scratch;
  } catch (error) {
    throw new QpodError({
      fact: "the scratch's record is damaged",
      place: { file },
      remedy: "Its changes are in the folder beside it.",
      cause: error,
    });
  }
}
