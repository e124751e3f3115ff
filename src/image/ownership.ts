import { statSync } from "node:fs";
import type { IdMaps } from "../launch/user-namespace.ts";
import { resolveInside } from "./inside.ts";
import type { Ownership } from "./root-tree.ts";

/** Files that in every distribution belong to a group or user other than root. */
const telling = [
  "/etc/shadow",
  "/etc/gshadow",
  "/var/mail",
  "/var/spool/mail",
  "/var/cache/man",
  "/usr/bin/wall",
  "/usr/bin/write",
  "/usr/bin/crontab",
  "/var/local",
];

/** Whom the files of a user's own folder belong to. */
export function folderOwnership(folder: string, maps: IdMaps): Ownership {
  const user = Number(maps.uidMap.split(" ")[1]);
  if (maps.ownership === "real" || statSync(folder).uid !== user) return "real";
  return maps.ownership === "subordinate" && telling.some((path) => isShifted(folder, path, maps)) ? "subordinate" : "single";
}

function isShifted(folder: string, path: string, maps: IdMaps): boolean {
  const real = resolveInside(folder, path);
  if (!real) return false;
  const { uid, gid } = statSync(real);
  return isSubordinate(uid, maps.uidMap) || isSubordinate(gid, maps.gidMap);
}

/** The first triple of a map is the user's own id. */
function isSubordinate(id: number, map: string): boolean {
  const numbers = map.split(" ").map(Number);
  for (let i = 3; i + 2 < numbers.length; i += 3) {
    const [outside = 0, count = 0] = [numbers[i + 1], numbers[i + 2]];
    if (id >= outside && id < outside + count) return true;
  }
  return false;
}
