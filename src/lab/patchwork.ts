import { lstatSync, readdirSync, readFileSync, readlinkSync, type Stats } from "node:fs";
import { join } from "node:path";

/** How a part of the running system's tree appears in a copy of it. */
export type Patch = { path: string; mode: number; uid: number; gid: number } & (
  | { kind: "layer" | "folder" | "file" | "empty" }
  | { kind: "link"; content: string }
);

/** Of the kernel's making, or private to the system that runs: a host has its own. */
const apart = new Set(["/proc", "/sys", "/dev", "/run"]);
/** What is in them comes and goes while we look. */
const empty = new Set(["/tmp", "/var/tmp"]);

/**
 * The running system's tree in parts that hold no mount point: an overlay does not show what is mounted in its lower
 * folder, and an ordinary user may not even make one there.
 */
export function cutSystem(): Patch[] {
  return cut("/", listMountPoints());
}

/** What is directly in a folder; folders in it are whole, with what is mounted below. */
export function listParts(folder: string): Patch[] {
  return cut(folder, []);
}

function cut(folder: string, points: readonly string[]): Patch[] {
  return list(folder).flatMap((name): Patch[] => {
    const path = join(folder, name);
    const info = look(path);
    if (!info || apart.has(path)) return [];
    const { mode, uid, gid } = info;
    const patch = { path, mode: mode & 0o7777, uid, gid };
    if (info.isSymbolicLink()) return [{ ...patch, kind: "link", content: readlinkSync(path) }];
    if (!info.isDirectory()) return info.isFile() ? [{ ...patch, kind: "file" }] : [];
    if (empty.has(path)) return [{ ...patch, kind: "empty" }];
    const isWhole = !points.some((point) => point.startsWith(`${path}/`));
    return isWhole ? [{ ...patch, kind: "layer" }] : [{ ...patch, kind: "folder" }, ...cut(path, points)];
  });
}

function listMountPoints(): string[] {
  const lines = readFileSync("/proc/self/mountinfo", "utf8").trim().split("\n");
  return lines.map((line) => unescapePath(line.split(" ")[4] ?? "/"));
}

/** Spaces and the like are \040 there. */
function unescapePath(text: string): string {
  return text.replaceAll(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));
}

/** Folders of a tree, two deep, with their modes. What may not be read is left out. */
export function listFolders(tree: string, path = "/", depth = 2): { path: string; mode: number }[] {
  return list(join(tree, path)).flatMap((name) => {
    const here = join(path, name);
    const info = look(join(tree, here));
    if (!info?.isDirectory()) return [];
    return [{ path: here, mode: info.mode & 0o7777 }, ...(depth > 1 ? listFolders(tree, here, depth - 1) : [])];
  });
}

function list(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

/** Undefined where this user cannot go: their processes in the lab could not either. */
function look(path: string): Stats | undefined {
  try {
    return lstatSync(path);
  } catch {
    return undefined;
  }
}
