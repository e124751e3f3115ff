import { isUtf8 } from "node:buffer";
import { realpathSync } from "node:fs";
import { QpodError } from "../base/errors.ts";
import { visibleBytes } from "../base/text.ts";

/** Paths as bytes: on Linux a name is any bytes but `/` and NUL, and a string would silently change them. */

const SLASH = 0x2f;

export function joinBytes(folder: Uint8Array, name: string | Uint8Array): Buffer {
  const separator = folder.at(-1) === SLASH ? "" : "/";
  return Buffer.concat([folder, Buffer.from(separator), typeof name === "string" ? Buffer.from(name) : name]);
}

/** A path as it stands in a file of git's: absolute, or relative to a folder. */
export function resolveBytes(folder: Uint8Array, path: Uint8Array): Buffer {
  return path[0] === SLASH ? Buffer.from(path) : joinBytes(folder, path);
}

/** The folder that holds a path; that of `/` is `/`. */
export function parentBytes(path: Uint8Array): Buffer {
  const end = path.lastIndexOf(SLASH);
  return Buffer.from(path.subarray(0, Math.max(end, 1)));
}

/** The path with no symlinks left. */
export function physicalBytes(path: string | Uint8Array): Buffer {
  return realpathSync.native(typeof path === "string" ? path : Buffer.from(path), { encoding: "buffer" });
}

/** Bytes without the line ends at their end. */
export function trimLineEnd(bytes: Uint8Array): Uint8Array {
  let end = bytes.length;
  while (end > 0 && (bytes[end - 1] === 0x0a || bytes[end - 1] === 0x0d)) end--;
  return bytes.subarray(0, end);
}

/** The path as a string, refusing one that a string would change. */
export function decodePath(path: Uint8Array): string {
  if (isUtf8(path)) return Buffer.from(path).toString("utf8");
  throw new QpodError({
    fact: `qpod cannot work in ${visibleBytes(path)}: its name is not valid UTF-8`,
    remedy: "Rename the folder, for instance with convmv.",
  });
}
