import { readdirSync, readlinkSync } from "node:fs";
import { join } from "node:path";
import type { Paths } from "../base/paths.ts";
import { encodeOperations, type Operation, op, option } from "../launch/operations.ts";
import type { User } from "../launch/user.ts";
import type { IdMaps } from "../launch/user-namespace.ts";
import type { Pod } from "./engine.ts";
import { clone, entryOperations } from "./entry.ts";
import { type PodMount, mountsOf } from "./mounts.ts";

/** MS_* of <sys/mount.h>. */
const mountFlag = { readOnly: 1, noSuid: 2, noDev: 4, recursive: 0x4000, slave: 0x80000 } as const;

/** Folders of a pod of the embedded engine. */
export function layerOf(id: string, paths: Paths) {
  const folder = join(paths.data, "layers", id);
  return { folder, upper: join(folder, "upper"), work: join(folder, "work"), root: join(folder, "root") };
}

export interface Surroundings {
  paths: Paths;
  user: User;
  maps: IdMaps;
  /** Where the launcher writes the entry once the pod is up. */
  entryFile: string;
}

/** Everything the launcher does to make the pod, in order, without Node. */
export function startOperations(pod: Pod, around: Surroundings): Operation[] {
  const { maps, paths, user } = around;
  const layer = layerOf(pod.id, paths);
  const mounts = mountsOf(pod, paths);
  return [
    ...(maps.uidMap ? [{ code: op.ids, numbers: [maps.ownership === "subordinate" ? 1 : 0], strings: [maps.uidMap, maps.gidMap] }] : []),
    { code: op.unshare, numbers: [clone.mount] },
    // What the host mounts later below a shared folder appears inside; nothing goes back.
    { code: op.propagation, numbers: [mountFlag.recursive | mountFlag.slave], strings: ["/"] },
    ...folders([layer.folder, layer.upper, layer.work, layer.root, ...mounts.filter((one) => one.kind === "home").map((one) => one.source)]),
    ...(pod.environment.root.kind === "host" ? hostRoot(pod, around) : overlayRoot(pod, around)),
    { code: op.pivot, strings: [layer.root] },
    ...["/proc", "/sys"].map((path): Operation => bind({ source: path, target: path, readOnly: false, optional: false, kind: "system" })),
    { code: op.mount, numbers: [mountFlag.noSuid | mountFlag.noDev, option.optional], strings: ["tmpfs", "/run", "tmpfs", "mode=755"] },
    ...["/etc/resolv.conf", "/etc/hosts", "/etc/localtime"].map((path) => bind({ source: path, target: path, readOnly: true, optional: true, kind: "system" })),
    ...mounts.map(bind),
    ...userLines(user),
    { code: op.entry, strings: [around.entryFile, encodeOperations(entryOperations(pod, joinsOf(maps), user))] },
  ];
}

export function joinsOf(maps: IdMaps): number {
  return maps.uidMap ? clone.user | clone.mount : clone.mount;
}

function overlayRoot(pod: Pod, { paths, maps }: Surroundings): Operation[] {
  const folder = pod.root.tree?.folder ?? "/";
  const { upper, work, root } = layerOf(pod.id, paths);
  return [overlay(folder, upper, work, root, maps)];
}

function overlay(lower: string, upper: string, work: string, target: string, maps: IdMaps): Operation {
  // Overlay keeps its marks in trusted.* attributes, which only the first user namespace may write.
  const attributes = maps.uidMap ? ",userxattr" : "";
  const data = `lowerdir=${escapeOption(lower, true)},upperdir=${escapeOption(upper)},workdir=${escapeOption(work)}${attributes}`;
  return { code: op.mount, strings: ["overlay", target, "overlay", data] };
}

function escapeOption(path: string, isLower = false): string {
  return path.replaceAll(isLower ? /[\\,:]/g : /[\\,]/g, "\\$&");
}

/**
 * The host's own root, copy-on-write. An overlay of `/` would hold its own upper folder, which the kernel refuses,
 * so each top folder gets its own; the one with our data in it is shown as it is.
 */
function hostRoot(pod: Pod, { paths, maps }: Surroundings): Operation[] {
  const { upper, work, root } = layerOf(pod.id, paths);
  const own = new Set(["proc", "sys", "dev", "run", "tmp", "lost+found", paths.data.split("/")[1]]);
  const list: Operation[] = [{ code: op.mount, strings: ["tmpfs", root, "tmpfs", "mode=755"] }];
  for (const entry of readdirSync("/", { withFileTypes: true })) {
    const at = join(root, entry.name);
    if (entry.isSymbolicLink()) {
      list.push({ code: op.symlink, strings: [readlinkSync(`/${entry.name}`), at] });
    } else if (entry.isDirectory() && !own.has(entry.name)) {
      list.push(...folders([join(upper, entry.name), join(work, entry.name), at]), overlay(`/${entry.name}`, join(upper, entry.name), join(work, entry.name), at, maps));
    } else if (entry.isDirectory()) {
      list.push(...folders([at]));
    }
  }
  const data = `/${paths.data.split("/")[1]}`;
  list.push({ code: op.bind, numbers: [mountFlag.recursive, option.create], strings: [data, join(root, data)] });
  return list;
}

function folders(paths: readonly string[]): Operation[] {
  return paths.map((path) => ({ code: op.mkdir, numbers: [0o755, 0, 0], strings: [path] }));
}

function bind({ source, target, readOnly, optional }: PodMount): Operation {
  const flags = mountFlag.recursive | (readOnly ? mountFlag.readOnly : 0);
  return { code: op.bind, numbers: [flags, option.create | (optional ? option.optional : 0)], strings: [source, target] };
}

/** Programs ask the user database for names; an image knows nothing of the invoking user. */
function userLines({ uid, gid, name, group, home }: User): Operation[] {
  return [
    { code: op.line, strings: ["/etc/passwd", `${name}:`, `${name}:x:${uid}:${gid}:${name}:${home}:/bin/sh`] },
    { code: op.line, strings: ["/etc/group", `${group}:`, `${group}:x:${gid}:`] },
  ];
}
