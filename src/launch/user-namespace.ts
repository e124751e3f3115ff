import { accessSync, constants } from "node:fs";
import { userInfo } from "node:os";
import { join } from "node:path";
import { readIfThere } from "../base/files.ts";
import { nativeFile } from "./locate.ts";

/** Who the files of a root tree belong to, which decides the id mapping it must be entered with. */
export type Ownership =
  /** As in the image: made by root, or a folder the user gave. */
  | "real"
  /** Shifted into the user's subordinate ids. */
  | "subordinate"
  /** All to the user: made without subordinate ids. */
  | "single";

/** How this user's processes can be root of a user namespace. */
export interface IdMaps {
  ownership: Ownership;
  /** `inside outside count` triples, spaces between; empty for root, who needs no namespace. */
  uidMap: string;
  gidMap: string;
  /** Why it is this one; shown by doctor. */
  reason: string;
}

interface User {
  uid: number;
  gid: number;
  /** Undefined for a uid that the user database does not know. */
  name: string | undefined;
}

interface Host {
  user: User;
  /** Text of /etc/subuid and /etc/subgid. */
  subuid: string;
  subgid: string;
  hasProgram(name: string): boolean;
}

/** Finds the id mapping for trees and pods of this user. */
export function readIdMaps(host: Host = thisHost()): IdMaps {
  const { uid, gid } = host.user;
  if (uid === 0) return { ownership: "real", uidMap: "", gidMap: "", reason: "root needs no user namespace" };
  const single = (reason: string): IdMaps => ({ ownership: "single", uidMap: `0 ${uid} 1`, gidMap: `0 ${gid} 1`, reason });
  const uids = readRanges(host.subuid, host.user);
  const gids = readRanges(host.subgid, host.user);
  const who = host.user.name ?? `uid ${uid}`;
  if (uids.length === 0) return single(`/etc/subuid has no line for ${who}`);
  if (gids.length === 0) return single(`/etc/subgid has no line for ${who}`);
  for (const program of ["newuidmap", "newgidmap"]) {
    if (!host.hasProgram(program)) return single(`${program} is not installed`);
  }
  return {
    ownership: "subordinate",
    uidMap: joinMap(uid, uids),
    gidMap: joinMap(gid, gids),
    reason: `/etc/subuid and /etc/subgid give ${who} ${Math.min(total(uids), total(gids))} ids`,
  };
}

/**
 * What to run so that a program is root of a user namespace with the mapping of this user's trees. It has a
 * mount namespace of its own too. Root's own argv stays as it is.
 */
export function asNamespaceRoot(argv: readonly [string, ...string[]], maps: IdMaps = readIdMaps()): [string, ...string[]] {
  if (maps.ownership === "real") return [...argv];
  return [nativeFile("qpod-launch"), "unshare", maps.uidMap, maps.gidMap, "--", ...argv];
}

/** The first id that a mapping does not have: what an image's file may belong to at most, plus one. */
export function countIds(map: string): number {
  if (map === "") return 2 ** 32 - 1;
  const numbers = map.split(" ").map(Number);
  return Math.max(...numbers.map((inside, i) => (i % 3 === 0 ? inside + (numbers[i + 2] ?? 0) : 0)));
}

interface Range {
  start: number;
  count: number;
}

function readRanges(text: string, user: User): Range[] {
  const ranges: Range[] = [];
  for (const line of text.split("\n")) {
    const [owner, start, count] = line.trim().split(":");
    if (!owner || (owner !== user.name && owner !== String(user.uid))) continue;
    const range = { start: Number(start), count: Number(count) };
    if (Number.isInteger(range.start) && Number.isInteger(range.count) && range.start > 0 && range.count > 0) ranges.push(range);
  }
  return ranges;
}

function joinMap(own: number, ranges: Range[]): string {
  const parts = [0, own, 1];
  let inside = 1;
  for (const { start, count } of ranges) {
    parts.push(inside, start, count);
    inside += count;
  }
  return parts.join(" ");
}

function total(ranges: Range[]): number {
  return ranges.reduce((sum, { count }) => sum + count, 0);
}

function thisHost(): Host {
  return {
    user: { uid: process.geteuid?.() ?? 0, gid: process.getegid?.() ?? 0, name: userName() },
    subuid: readIfThere("/etc/subuid") ?? "",
    subgid: readIfThere("/etc/subgid") ?? "",
    hasProgram: (name) =>
      [...(process.env.PATH ?? "").split(":"), "/usr/bin", "/bin", "/usr/sbin"].some((folder) => isExecutable(join(folder || ".", name))),
  };
}

function userName(): string | undefined {
  try {
    return userInfo().username;
  } catch {
    return undefined;
  }
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
