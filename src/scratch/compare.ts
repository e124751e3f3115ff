import { closeSync, openSync, readlinkSync, readSync, type Stats } from "node:fs";
import { bytesOf, type Raw } from "./raw.ts";

export type Type = "file" | "folder" | "link" | "other";

export function typeOf(info: Stats): Type {
  if (info.isDirectory()) return "folder";
  if (info.isSymbolicLink()) return "link";
  return info.isFile() ? "file" : "other";
}

/** Whether permissions and, for root, who else cannot give anything away, owners are the same. */
export function hasSameRights(ours: Stats, theirs: Stats): boolean {
  if (process.getuid?.() === 0 && (ours.uid !== theirs.uid || ours.gid !== theirs.gid)) return false;
  return ours.isSymbolicLink() || ours.mode === theirs.mode;
}

/** Whether two things that are no folders are of one type and hold the same. What may not be read is taken for different. */
export function hasSameContent(a: Raw, aInfo: Stats, b: Raw, bInfo: Stats): boolean {
  if (typeOf(aInfo) !== typeOf(bInfo)) return false;
  if (aInfo.isSymbolicLink()) return readlinkSync(bytesOf(a), "latin1") === readlinkSync(bytesOf(b), "latin1");
  if (!aInfo.isFile()) return (aInfo.mode & 0o170000) === (bInfo.mode & 0o170000) && aInfo.rdev === bInfo.rdev;
  if (aInfo.dev === bInfo.dev && aInfo.ino === bInfo.ino) return true;
  try {
    return aInfo.size === bInfo.size && hasSameBytes(a, b);
  } catch {
    return false;
  }
}

function hasSameBytes(a: Raw, b: Raw): boolean {
  const open: number[] = [];
  try {
    for (const path of [a, b]) open.push(openSync(bytesOf(path), "r"));
    const chunks = open.map(() => Buffer.alloc(1 << 16));
    for (;;) {
      const [first, second] = open.map((fd, i) => chunks[i]?.subarray(0, readSync(fd, chunks[i])));
      if (!first || !second || !first.equals(second)) return false;
      if (first.length === 0) return true;
    }
  } finally {
    for (const fd of open) closeSync(fd);
  }
}
