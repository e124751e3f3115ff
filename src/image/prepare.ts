import { createHash } from "node:crypto";
import { statSync } from "node:fs";
import { join } from "node:path";
import { errnoOf, QpodError } from "../base/errors.ts";
import type { Paths } from "../base/paths.ts";
import type { Progress } from "../base/progress.ts";
import type { Environment, Root } from "../config/environment.ts";
import { type IdMaps, readIdMaps } from "../launch/user-namespace.ts";
import { unpackArchive } from "./archive.ts";
import { bootstrapTree } from "./bootstrap.ts";
import { debsFolder } from "./debs.ts";
import { rootKey } from "./definition.ts";
import { checkArchitecture, hostArchitecture } from "./image-config.ts";
import { resolveInside } from "./inside.ts";
import { DEFAULT_PATH, inspectTree } from "./inspect-tree.ts";
import { folderOwnership } from "./ownership.ts";
import { comparePackages, readPackages } from "./packages.ts";
import { pullToLayout } from "./registry.ts";
import type { ImageConfig, Ownership, PreparedRoot } from "./root-tree.ts";
import { installTree, readPrepared, writePrepared } from "./store.ts";
import { treeArchitecture } from "./tree-architecture.ts";

/**
 * Gets the root filesystem of an environment ready as a folder, or finds that it is.
 * @param renew fetches or bootstraps it anew; what is at hand stays if that is the same.
 */
export async function prepareTree(paths: Paths, environment: Environment, progress: Progress, renew = false): Promise<PreparedRoot> {
  const { root } = environment;
  const maps = readIdMaps();
  try {
    switch (root.kind) {
      case "host":
        return record(paths, environment, describeFolder("/", "host", "real"));
      case "rootfs":
        return record(paths, environment, prepareFolder(root.folder, maps));
      case "containerfile":
        throw new QpodError({
          fact: "a containerfile must be built by podman",
          place: environment.place,
          remedy: "Install podman, and leave out `engine: embedded`.",
        });
      default:
        return (
          (renew ? undefined : readPrepared(paths, environment, "embedded")) ??
          (await installTree(
            paths,
            environment,
            (tree, scratch) => fill(root, tree, { paths, maps, progress, scratch }),
            renew ? isSameRoot : undefined,
          ))
        );
    }
  } finally {
    progress.end();
  }
}

interface Work {
  paths: Paths;
  maps: IdMaps;
  progress: Progress;
  scratch: string;
}

async function fill(root: Extract<Root, { kind: "image" | "archive" | "bootstrap" }>, tree: string, work: Work): Promise<PreparedRoot> {
  let [config, digest]: [ImageConfig, string | undefined] = [{ env: {} }, undefined];
  if (root.kind === "bootstrap") {
    await bootstrapTree(root, tree, { ...work, debs: debsFolder(work.paths) });
    config.architecture = hostArchitecture();
  } else {
    const file = root.kind === "archive" ? root.file : join(work.scratch, "layout");
    if (root.kind === "image") await pullToLayout(root.reference, file, work.progress);
    work.progress.step(`unpacking ${root.kind === "image" ? root.reference : root.file}`);
    ({ config, digest } = await unpackArchive(file, tree, work));
  }
  work.progress.step("looking at what is inside");
  checkTree(tree, root.kind === "archive" ? root.file : undefined);
  const { programs, locales } = inspectTree(tree, config.env.PATH ?? DEFAULT_PATH);
  // A tree that was made again is another one, unless its content is known by a digest.
  const identity = digest ?? `${rootKey(root)}-${Date.now().toString(36)}`;
  return { identity, config, programs, locales, tree: { folder: tree, ownership: work.maps.ownership } };
}

/** An image's digest tells; of what was bootstrapped, the packages do. */
function isSameRoot(before: PreparedRoot, made: PreparedRoot): boolean {
  if (before.identity === made.identity) return true;
  if (!made.identity.startsWith("bootstrap-")) return false;
  const [old, present] = [before, made].map((root) => readPackages(root.tree?.folder));
  return old !== undefined && present !== undefined && comparePackages(old, present).length === 0;
}

/** A folder of the user's is used as it is. */
function prepareFolder(folder: string, maps: IdMaps): PreparedRoot {
  try {
    if (!statSync(folder).isDirectory())
      throw new QpodError({ fact: "`rootfs:` names no folder", place: { file: folder }, remedy: "For a file, use `archive:`." });
  } catch (cause) {
    if (cause instanceof QpodError) throw cause;
    const missing = errnoOf(cause) === "ENOENT";
    throw new QpodError({
      fact: missing ? "there is no such folder" : `cannot look into the folder: ${errnoOf(cause)}`,
      place: { file: folder },
      cause,
    });
  }
  checkTree(folder, folder);
  return describeFolder(folder, identifyFolder(folder), folderOwnership(folder, maps));
}

function describeFolder(folder: string, identity: string, ownership: Ownership): PreparedRoot {
  const { programs, locales } = inspectTree(folder);
  return { identity, config: { env: {} }, programs, locales, tree: { folder, ownership } };
}

/** Another folder in its place, or another release in it, is another root; a program that was added is not. */
function identifyFolder(folder: string): string {
  const release = resolveInside(folder, "/etc/os-release");
  const facts = [folder, release].map((path) => {
    if (!path) return undefined;
    const { ino, dev, mtimeMs } = statSync(path);
    return [path, ino, dev, mtimeMs];
  });
  return `rootfs-${createHash("sha256").update(JSON.stringify(facts)).digest("hex").slice(0, 24)}`;
}

/** Finds an empty tree and a foreign one out now, and not when the first command fails in it. */
function checkTree(tree: string, place: string | undefined): void {
  if (!["/bin", "/usr/bin", "/usr/local/bin", "/sbin"].some((folder) => resolveInside(tree, folder))) {
    throw new QpodError({
      fact: "this is no root filesystem: it has neither /bin nor /usr/bin",
      place: place === undefined ? undefined : { file: place },
      remedy: "The root itself must be at the top, as `tar -C ROOT -c .` writes it.",
    });
  }
  checkArchitecture(treeArchitecture(tree), place ?? "this root filesystem");
}

function record(paths: Paths, environment: Environment, prepared: PreparedRoot): PreparedRoot {
  writePrepared(paths, environment, "embedded", prepared);
  return prepared;
}
