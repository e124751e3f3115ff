import { join } from "node:path";
import type { Paths } from "../base/paths.ts";
import { type Operation, op } from "../launch/operations.ts";
import type { User } from "../launch/user.ts";
import type { IdMaps } from "../launch/user-namespace.ts";

/** MS_* of <sys/mount.h>. */
export const mountFlag = { readOnly: 1, noSuid: 2, noDev: 4, recursive: 0x4000, slave: 0x80000 } as const;

/** What the making of a pod depends on besides the pod. */
export interface Surroundings {
  paths: Paths;
  user: User;
  maps: IdMaps;
  /** Where the launcher writes the entry once the pod is up. */
  entryFile: string;
}

/** A pod's own folders: its changes, and where its root is put together. */
export function layerOf(id: string, paths: Paths) {
  const folder = join(paths.data, "layers", id);
  return { folder, claim: join(folder, "claim"), upper: join(folder, "upper"), work: join(folder, "work"), root: join(folder, "root") };
}

export function folders(paths: readonly string[]): Operation[] {
  return paths.map((path) => ({ code: op.mkdir, numbers: [0o755, 0, 0], strings: [path] }));
}

/** The options of an overlay mount. */
export function overlayOptions(lower: string, upper: string, work: string, maps: IdMaps): string {
  // Overlay keeps its marks in trusted.* attributes, which only the first user namespace may write.
  const attributes = maps.uidMap ? ",userxattr" : "";
  return `lowerdir=${escapeOption(lower, true)},upperdir=${escapeOption(upper)},workdir=${escapeOption(work)}${attributes}`;
}

function escapeOption(path: string, isLower = false): string {
  return path.replaceAll(isLower ? /[\\,:]/g : /[\\,]/g, "\\$&");
}
