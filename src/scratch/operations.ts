import { lstatSync, readdirSync, readFileSync, readlinkSync } from "node:fs";
import { join } from "node:path";
import type { Paths } from "../base/paths.ts";
import { mountFlag, overlayOptions } from "../engine/embedded-layer.ts";
import { clone } from "../engine/entry.ts";
import { type Operation, op, option } from "../launch/operations.ts";
import { invokingUser, type User } from "../launch/user.ts";
import { type IdMaps, readIdMaps } from "../launch/user-namespace.ts";
import { isInside } from "./choose-way.ts";
import { markOf, recordOf, type Scratch, storeOf } from "./scratch.ts";

/** What the program in front does before it becomes the command: namespaces of its own, and the changes over the folder. */
export function scratchOperations(scratch: Scratch, paths: Paths, directory: string): Operation[] {
  const maps = readIdMaps();
  const user = invokingUser();
  const { merged } = storeOf(scratch);
  if (scratch.way === "chroot")
    return [
      { code: op.chroot, strings: [merged] },
      { code: op.directory, strings: [directory] },
    ];
  return [
    ...namespaces(maps),
    ...(scratch.folder === "/" ? systemMounts(scratch, maps, openFolders(user, directory)) : folderMounts(scratch, maps)),
    // Commands of environments are not to slip out of the scratch: the launcher looks at this file.
    bind(recordOf(scratch.name, paths), markOf(paths)),
    ...(scratch.folder === "/" ? [{ code: op.leave }] : []),
    ...(maps.uidMap ? [{ code: op.identity, numbers: [user.uid, user.gid] }] : []),
    { code: op.directory, strings: [directory] },
  ];
}

/** Options of the overlay, if it is one. */
export function overlayOf(scratch: Scratch, maps: IdMaps = readIdMaps()): string | undefined {
  const { upper, work } = storeOf(scratch);
  if (scratch.way !== "overlay") return undefined;
  // What was changed is whole in the upper folder, name and bytes; an ordinary user's overlay has it no other way.
  const whole = maps.uidMap ? "" : ",redirect_dir=off,metacopy=off";
  return `${overlayOptions(scratch.folder, upper, work, maps)}${whole}`;
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
    ...mountsBelow(scratch.folder).map((path) => readOnly(path, join(merged, path.slice(scratch.folder.length)))),
    bind(merged, scratch.folder),
  ];
}

/** What of a system is shown as it is. */
export function sharedMounts(): string[] {
  return shared.filter((path) => mountPoints().includes(path));
}

/** What programs need as it is: the kernel's filesystems and those that do not outlive a restart. */
const shared = ["/proc", "/sys", "/dev", "/run", "/tmp"];

/** A root of its own, since every process's way to a path begins at one. */
function systemMounts(scratch: Scratch, maps: IdMaps, open: readonly string[]): Operation[] {
  const { merged } = storeOf(scratch);
  const mounted = mountsBelow("/");
  const others = mounted.filter((path) => !shared.includes(path) && !isInside(scratch.store, path));
  // A root must be a mount, which a copy is not by itself.
  const whole = scratch.way === "copy" ? [bind(merged, merged)] : mergedMounts(scratch, maps);
  return [
    ...(maps.uidMap && scratch.way === "overlay"
      ? foldersOfRoot(scratch, maps, open)
      : [...whole, ...others.map((path) => readOnly(path, join(merged, path)))]),
    ...shared.filter((path) => mounted.includes(path)).map((path) => bind(path, join(merged, path))),
    { code: op.pivot, strings: [merged] },
  ];
}

/**
 * An ordinary user may not lay an overlay over a folder in which something is mounted, and so not over `/`: such a
 * folder is put together from what is in it. What is made in the folder itself is then forgotten.
 * @param open folders of others with folders of the user's below them, outermost first.
 */
function foldersOfRoot(scratch: Scratch, maps: IdMaps, open: readonly string[]): Operation[] {
  const { upper, work, merged } = storeOf(scratch);
  const mounted = mountPoints();
  const layers = (path: string): Operation[] => {
    const [ours, at, info] = [join(upper, path), join(merged, path), lstatSync(path)];
    const folder = (made: string, mode = info.mode): Operation => ({ code: op.mkdir, numbers: [mode & 0o7777, 0, 0], strings: [made] });
    if (info.isSymbolicLink()) return [{ code: op.symlink, strings: [readlinkSync(path), at] }];
    if (shared.includes(path) && mounted.includes(path)) return [folder(at)];
    if (!info.isDirectory() || mounted.includes(path)) return [readOnly(path, at)];
    if (mounted.some((one) => isInside(one, path)))
      return [folder(ours), folder(at), ...namesIn(path).flatMap((name) => layers(join(path, name)))];
    const overlay = overlayOptions(path, ours, join(work, path), maps);
    return [
      folder(ours),
      ...open.filter((one) => isInside(one, path)).map((one) => folder(join(upper, one), lstatSync(one).mode)),
      folder(join(work, path)),
      folder(at),
      { code: op.mount, numbers: [0, option.optional], strings: ["overlay", at, "overlay", overlay] },
    ];
  };
  return [{ code: op.mount, strings: ["tmpfs", merged, "tmpfs", "mode=755"] }, ...namesIn("/").flatMap((name) => layers(`/${name}`))];
}

/**
 * Folders on the way to what the user may write. Nothing can be changed below a folder that is only in the lower layer
 * and of an owner that the user namespace does not know; one of the user's own over it can be written to.
 */
function openFolders({ uid, home }: User, directory: string): string[] {
  const ways = [home, directory, "/var/tmp"].map((path) => path.split("/").filter(Boolean));
  const folders = ways.flatMap((parts) => parts.map((_, i) => `/${parts.slice(0, i + 1).join("/")}`));
  return [...new Set(folders)].sort().filter((path) => {
    const info = lstatSync(path, { throwIfNoEntry: false });
    return info?.isDirectory() && info.uid !== uid;
  });
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    // Not for us to look into, and then not for the command either.
    return [];
  }
}

function namespaces(maps: IdMaps): Operation[] {
  const ids: Operation = { code: op.ids, numbers: [maps.ownership === "subordinate" ? 1 : 0], strings: [maps.uidMap, maps.gidMap] };
  return [
    ...(maps.uidMap ? [ids] : []),
    { code: op.unshare, numbers: [clone.mount] },
    { code: op.propagation, numbers: [mountFlag.recursive | mountFlag.slave], strings: ["/"] },
  ];
}

function readOnly(source: string, target: string): Operation {
  return bind(source, target, option.create | option.optional, mountFlag.readOnly);
}

function bind(source: string, target: string, options = 0, flags = 0): Operation {
  return { code: op.bind, numbers: [mountFlag.recursive | flags, options], strings: [source, target] };
}

/** The outermost mount points below a folder. */
function mountsBelow(folder: string): string[] {
  const below = mountPoints().filter((path) => path !== folder && isInside(path, folder));
  return [...new Set(below)].filter((path) => !below.some((other) => other !== path && isInside(path, other))).sort();
}

function mountPoints(): string[] {
  const lines = readFileSync("/proc/self/mountinfo", "utf8").trimEnd().split("\n");
  // The kernel writes spaces and line ends as \\ooo.
  return lines.map((line) =>
    (line.split(" ")[4] ?? "").replaceAll(/\\([0-7]{3})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 8))),
  );
}
