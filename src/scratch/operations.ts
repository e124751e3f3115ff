import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Paths } from "../base/paths.ts";
import { mountFlag, overlayOptions } from "../engine/embedded-layer.ts";
import { clone } from "../engine/entry.ts";
import { type Operation, op, option } from "../launch/operations.ts";
import { invokingUser } from "../launch/user.ts";
import { type IdMaps, readIdMaps } from "../launch/user-namespace.ts";
import { isInside } from "./choose-way.ts";
import { recordOf, type Scratch, storeOf } from "./scratch.ts";

/** What the program in front does before it becomes the command: namespaces of its own, and the changes over the folder. */
export function scratchOperations(scratch: Scratch, paths: Paths, directory: string): Operation[] {
  const maps = readIdMaps();
  const user = invokingUser();
  return [
    ...namespaces(maps),
    ...(scratch.folder === "/" ? systemMounts(scratch, maps) : folderMounts(scratch, maps)),
    // Commands of environments are not to slip out of the scratch: the launcher looks at this file.
    bind(recordOf(scratch.name, paths), join(paths.runtime, "scratch"), option.create),
    ...(scratch.folder === "/" ? [{ code: op.leave }] : []),
    ...(maps.uidMap ? [{ code: op.identity, numbers: [user.uid, user.gid] }] : []),
    { code: op.directory, strings: [directory] },
  ];
}

/** Options of the overlay, if it is one. Every changed file is whole in the upper folder: not one of its names or bytes stays below. */
export function overlayOf(scratch: Scratch, maps: IdMaps = readIdMaps()): string | undefined {
  const { upper, work } = storeOf(scratch);
  return scratch.way === "overlay" ? `${overlayOptions(scratch.folder, upper, work, maps)},redirect_dir=off,metacopy=off` : undefined;
}

function mergedMounts(scratch: Scratch, maps: IdMaps): Operation[] {
  const overlay = overlayOf(scratch, maps);
  return overlay ? [{ code: op.mount, strings: ["overlay", storeOf(scratch).merged, "overlay", overlay] }] : [];
}

function folderMounts(scratch: Scratch, maps: IdMaps): Operation[] {
  const { merged } = storeOf(scratch);
  return [
    ...mergedMounts(scratch, maps),
    // What is mounted further in cannot be kept as it is by this: it can be read, and no more.
    ...mountsBelow(scratch.folder).map((path) => bind(path, join(merged, path.slice(scratch.folder.length)), 0, mountFlag.readOnly)),
    bind(merged, scratch.folder),
  ];
}

/** A root of its own, since every process's way to a path begins at one. */
function systemMounts(scratch: Scratch, maps: IdMaps): Operation[] {
  const { merged } = storeOf(scratch);
  const own = ["/proc", "/sys", "/dev", "/run", "/tmp"];
  const others = mountsBelow("/").filter((path) => !own.some((one) => isInside(path, one)) && !isInside(scratch.store, path));
  const mounted = new Set(mountsBelow("/"));
  return [
    ...mergedMounts(scratch, maps),
    ...own.filter((path) => mounted.has(path)).map((path) => bind(path, join(merged, path))),
    ...others.map((path) => bind(path, join(merged, path), 0, mountFlag.readOnly)),
    { code: op.pivot, strings: [merged] },
  ];
}

function namespaces(maps: IdMaps): Operation[] {
  const ids: Operation = { code: op.ids, numbers: [maps.ownership === "subordinate" ? 1 : 0], strings: [maps.uidMap, maps.gidMap] };
  return [
    ...(maps.uidMap ? [ids] : []),
    { code: op.unshare, numbers: [clone.mount] },
    { code: op.propagation, numbers: [mountFlag.recursive | mountFlag.slave], strings: ["/"] },
  ];
}

function bind(source: string, target: string, options = 0, flags = 0): Operation {
  return { code: op.bind, numbers: [mountFlag.recursive | flags, options], strings: [source, target] };
}

/** The outermost mount points below a folder. */
function mountsBelow(folder: string): string[] {
  const points = existsSync("/proc/self/mountinfo") ? readFileSync("/proc/self/mountinfo", "utf8").split("\n") : [];
  const below = points
    .map((line) =>
      (line.split(" ")[4] ?? "").replaceAll(/\\([0-7]{3})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 8))),
    )
    .filter((path) => path !== folder && path !== "" && isInside(path, folder));
  return [...new Set(below)].filter((path) => !below.some((other) => other !== path && isInside(path, other))).sort();
}
