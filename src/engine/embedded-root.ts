import { lstatSync, readdirSync, readlinkSync } from "node:fs";
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
  const { upper, work, root } = layerOf(pod.id, paths);
  const ownFolder = paths.data.split("/")[1] ?? "";
  const apart = new Set(["proc", "sys", "dev", "run", "tmp", "lost+found", ownFolder]);
  const list: Operation[] = [tmpfs(root)];
  for (const name of readdirSync("/")) {
    const at = join(root, name);
    const info = lstatSync(join("/", name));
    if (info.isSymbolicLink()) list.push({ code: op.symlink, strings: [readlinkSync(join("/", name)), at] });
    else if (info.isDirectory() && apart.has(name)) list.push(...folders([at]));
    else if (info.isDirectory())
      list.push(...folders([join(upper, name), join(work, name), at]), overlay(`/${name}`, join(upper, name), join(work, name), at, maps));
  }
  return [...list, bind(`/${ownFolder}`, join(root, ownFolder))];
}

function tmpfs(target: string): Operation {
  return { code: op.mount, strings: ["tmpfs", target, "tmpfs", "mode=755"] };
}

function bind(source: string, target: string): Operation {
  return { code: op.bind, numbers: [mountFlag.recursive, option.create | option.optional], strings: [source, target] };
}
