import { lstatSync, readdirSync, readFileSync, readlinkSync } from "node:fs";
import { join } from "node:path";
import { type Operation, op, option } from "../launch/operations.ts";
import type { IdMaps } from "../launch/user-namespace.ts";
import { folders, layerOf, mountFlag, overlayOptions, type Surroundings } from "./embedded-layer.ts";
import type { Pod } from "./engine.ts";

/** Puts the pod's root filesystem together at its mount point. */
export function rootOperations(pod: Pod, around: Surroundings): Operation[] {
  const lower = pod.root.tree?.folder ?? "/";
  const layer = layerOf(pod.id, around.paths);
  if (lower === "/") return hostRoot(pod, around);
  return [overlay(lower, layer.upper, layer.work, layer.root, around.maps)];
}

function overlay(lower: string, upper: string, work: string, target: string, maps: IdMaps): Operation {
  return { code: op.mount, strings: ["overlay", target, "overlay", overlayOptions(lower, upper, work, maps)] };
}

/**
 * The host's own root, copy-on-write. An overlay of `/` would hold its own upper folder, which the kernel refuses,
 * so each top folder gets its own; the one with our data in it is shown as it is.
 */
function hostRoot(pod: Pod, { paths, maps }: Surroundings): Operation[] {
  const layer = layerOf(pod.id, paths);
  const ownFolder = paths.data.split("/")[1] ?? "";
  const apart = new Set(["proc", "sys", "dev", "run", "tmp", "lost+found", ownFolder]);
  const mounts = listMountPoints();
  const list: Operation[] = [tmpfs(layer.root)];
  for (const name of readdirSync("/")) {
    if (apart.has(name) && !lstatSync(join("/", name)).isSymbolicLink()) list.push(...folders([join(layer.root, name)]));
    else list.push(...showCopy(join("/", name), layer, maps, mounts));
  }
  return [...list, bind(`/${ownFolder}`, join(layer.root, ownFolder))];
}

/**
 * An ordinary user may not look below a mount point of root's, so the kernel refuses an overlay of a folder that has
 * one: such a folder is put together from what is in it, and what is mounted there is the host's own.
 */
function showCopy(path: string, layer: ReturnType<typeof layerOf>, maps: IdMaps, mounts: readonly string[]): Operation[] {
  const [at, upper, work] = [join(layer.root, path), join(layer.upper, path), join(layer.work, path)];
  const info = lstatSync(path);
  if (info.isSymbolicLink()) return [{ code: op.symlink, strings: [readlinkSync(path), at] }];
  const isNested = path.lastIndexOf("/") > 0;
  if (!info.isDirectory()) return isNested && info.isFile() ? [bind(path, at)] : [];
  if (isNested && mounts.includes(path)) return [bind(path, at)];
  if (!mounts.some((one) => one.startsWith(`${path}/`))) return [...folders([upper, work, at]), overlay(path, upper, work, at, maps)];
  return [...folders([at]), ...listFolder(path).flatMap((name) => showCopy(join(path, name), layer, maps, mounts))];
}

function listFolder(path: string): string[] {
  try {
    return readdirSync(path);
  } catch {
    // Not for this user to look into, and then not for what runs inside either.
    return [];
  }
}

function listMountPoints(): string[] {
  const lines = readFileSync("/proc/self/mountinfo", "utf8").split("\n");
  const points = lines.map((line) => line.split(" ")[4] ?? "").filter(Boolean);
  return points.map((point) => point.replaceAll(/\\([0-7]{3})/g, (_, digits) => String.fromCharCode(Number.parseInt(digits, 8))));
}

function tmpfs(target: string): Operation {
  return { code: op.mount, strings: ["tmpfs", target, "tmpfs", "mode=755"] };
}

function bind(source: string, target: string): Operation {
  return { code: op.bind, numbers: [mountFlag.recursive, option.create | option.optional], strings: [source, target] };
}
