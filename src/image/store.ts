import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, readdirSync, renameSync } from "node:fs";
import { join } from "node:path";
import { QpodError } from "../base/errors.ts";
import { readIfThere, replaceFile } from "../base/files.ts";
import { withLock } from "../base/lock.ts";
import type { Paths } from "../base/paths.ts";
import { type EngineName, type Environment, engineNames } from "../config/environment.ts";
import { asNamespaceRoot } from "../launch/user-namespace.ts";
import { run } from "../process/run.ts";
import { describeRoot, rootKey } from "./definition.ts";
import { diskFull, isDiskFull, toolFailure } from "./host-tools.ts";
import type { PreparedRoot } from "./root-tree.ts";

/*
 * <data>/roots/KEY/root.json        what was prepared, and what it is
 * <data>/roots/KEY/tree/            the tree, when it is ours
 * <data>/roots/KEY.podman/root.json what podman (or docker: KEY.docker) holds; there is no tree
 * <data>/roots/KEY.TIME.old/        what an update took the place of; pods that were started before stand on it
 * <data>/roots/KEY.work/            being made; left behind only by an interrupted run
 * <data>/roots/KEY.lock             held while that is made
 */

const FORMAT = 1;

/** root.json. */
interface RootRecord {
  format: number;
  /** In words, for people. */
  what: string;
  made: string;
  prepared: PreparedRoot;
}

/** A root in the store, for gc. */
export interface StoredRoot {
  key: string;
  what: string;
  made: Date | undefined;
  /** Absent for interrupted work. */
  prepared: PreparedRoot | undefined;
  /** Bytes on the disk. */
  size(): Promise<number>;
}

export function rootsFolder(paths: Paths): string {
  return join(paths.data, "roots");
}

/** An environment's key in the store, for telling what is still referred to. */
export function storeKey(environment: Environment, engine: EngineName = "embedded"): string {
  return rootKey(environment.root) + (engine === "embedded" ? "" : `.${engine}`);
}

/**
 * What was prepared for an environment; undefined when nothing was, or the definition or its file changed since.
 * @param engine whose; without it the embedded engine's if there is one, else podman's or docker's.
 */
export function readPrepared(paths: Paths, environment: Environment, engine?: EngineName): PreparedRoot | undefined {
  const names: readonly EngineName[] = engine ? [engine] : engineNames;
  for (const name of names) {
    const folder = join(rootsFolder(paths), storeKey(environment, name));
    const prepared = readRecord(folder)?.prepared;
    // Someone may have removed the tree to make room.
    if (prepared && (!prepared.tree || existsSync(prepared.tree.folder))) return prepared;
  }
  return undefined;
}

/** Records what another than our store holds: podman's image, or a folder of the user's. */
export function writePrepared(paths: Paths, environment: Environment, engine: EngineName, prepared: PreparedRoot): void {
  const folder = join(rootsFolder(paths), storeKey(environment, engine));
  const before = readRecord(folder)?.prepared;
  if (before?.imageId && before.imageId !== prepared.imageId) putAside(folder);
  // Found again, it is still the one that was fetched.
  else if (before?.fetchedAs && prepared.imageId) prepared.fetchedAs ??= before.fetchedAs;
  writeRecord(folder, describeRoot(environment.root), prepared);
}

/**
 * Makes a tree in a folder of its own and puts it in its place in one step, once for all who ask at the same time.
 * @param make fills `tree`, and may use `scratch`; both exist and are empty.
 * @param isSame given to make it anew though it is there; what was made is thrown away when it is the same.
 */
export async function installTree(
  paths: Paths,
  environment: Environment,
  make: (tree: string, scratch: string) => Promise<PreparedRoot>,
  isSame?: (before: PreparedRoot, made: PreparedRoot) => boolean,
): Promise<PreparedRoot> {
  const folder = join(rootsFolder(paths), storeKey(environment));
  const work = `${folder}.work`;
  mkdirStore(paths);
  return withLock(
    `${folder}.lock`,
    async () => {
      const prepared = readPrepared(paths, environment, "embedded");
      if (prepared && !isSame) return prepared;
      await removeFolders(work, ...(prepared ? [] : [folder]));
      try {
        mkdirSync(join(work, "tree"), { recursive: true, mode: 0o755 });
        mkdirSync(join(work, "scratch"));
        const made = await make(join(work, "tree"), join(work, "scratch"));
        await removeFolders(join(work, "scratch"));
        if (prepared && isSame?.(prepared, made)) {
          await removeFolders(work);
          return prepared;
        }
        if (made.tree) made.tree.folder = join(folder, "tree");
        writeRecord(work, describeRoot(environment.root), made);
        // After a power cut a record must not stand beside a tree of empty files.
        await run(["sync", "--file-system", work]);
        if (prepared) putAside(folder);
        renameSync(work, folder);
        syncFolder(rootsFolder(paths));
        return made;
      } catch (error) {
        await removeFolders(work);
        throw isDiskFull(error) || isDiskFull((error as Error).cause) ? diskFull(error) : error;
      }
    },
    { timeout: 2 ** 31 - 1, what: `the preparation of ${describeRoot(environment.root)}` },
  );
}

/** All that is in the store. */
export function listRoots(paths: Paths): StoredRoot[] {
  const folder = rootsFolder(paths);
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => {
      const record = readRecord(join(folder, name));
      return {
        key: name,
        what: record?.what ?? name,
        made: record ? new Date(record.made) : undefined,
        prepared: record?.prepared,
        size: () => measure(join(folder, name)),
      };
    });
}

/** Mounts keep what they have mounted, whatever its name is now. */
function putAside(folder: string): void {
  renameSync(folder, `${folder}.${Date.now().toString(36)}.old`);
}

/**
 * Removes a root that no pod uses. Returns the bytes freed.
 * @throws QpodError when it is being made at this moment.
 */
export async function removeRoot(paths: Paths, key: string, dryRun = false): Promise<number> {
  const folder = join(rootsFolder(paths), key);
  return withLock(
    `${folder.replace(/\.work$/, "")}.lock`,
    async () => {
      const bytes = await measure(folder);
      if (dryRun) return bytes;
      // Whoever reads meanwhile sees it whole or not at all.
      const gone = key.endsWith(".work") ? folder : `${folder}.gone.work`;
      if (gone !== folder && existsSync(folder)) renameSync(folder, gone);
      await removeFolders(gone);
      return bytes;
    },
    { timeout: 0, what: key },
  );
}

/** Files of subordinate ids can only be removed by the root of their namespace. */
export async function removeFolders(...folders: string[]): Promise<void> {
  const there = folders.filter((folder) => existsSync(folder));
  if (there.length === 0) return;
  const result = await run(asNamespaceRoot(["rm", "-rf", "--one-file-system", "--", ...there]));
  if (result.status !== 0) throw toolFailure("rm", result.stderr);
}

/** Bytes on the disk. */
export async function measure(folder: string): Promise<number> {
  const { stdout } = await run(asNamespaceRoot(["du", "-s", "--block-size=1", "--", folder]));
  return Number.parseInt(stdout, 10) || 0;
}

function mkdirStore(paths: Paths): void {
  try {
    mkdirSync(rootsFolder(paths), { recursive: true, mode: 0o700 });
  } catch (error) {
    if (isDiskFull(error)) throw diskFull(error);
    throw new QpodError({ fact: `cannot make the folder ${rootsFolder(paths)}: ${(error as Error).message}`, cause: error });
  }
}

function readRecord(folder: string): RootRecord | undefined {
  const text = readIfThere(join(folder, "root.json"));
  if (text === undefined) return undefined;
  try {
    const record = JSON.parse(text) as RootRecord;
    // A record of another version, or a damaged one, is made again.
    return record.format === FORMAT && Array.isArray(record.prepared.programs) ? record : undefined;
  } catch {
    return undefined;
  }
}

function writeRecord(folder: string, what: string, prepared: PreparedRoot): void {
  const record: RootRecord = { format: FORMAT, what, made: new Date().toISOString(), prepared };
  replaceFile(join(folder, "root.json"), `${JSON.stringify(record, undefined, 1)}\n`);
}

function syncFolder(folder: string): void {
  const fd = openSync(folder, "r");
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}
