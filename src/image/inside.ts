import { lstatSync, readlinkSync } from "node:fs";
import { join } from "node:path";
import { readSmallFile } from "../repo/small-file.ts";

/** As the kernel's limit. */
const MAX_LINKS = 40;

/**
 * The host path of a path inside a root folder, with every symlink followed as it would be inside: absolute
 * ones start at the folder, and `..` never leaves it. Undefined when there is nothing, or a loop.
 */
export function resolveInside(root: string, path: string): string | undefined {
  const waiting = path.split("/").reverse();
  const done: string[] = [];
  let links = 0;
  while (waiting.length > 0) {
    const part = waiting.pop();
    if (!part || part === ".") continue;
    if (part === "..") {
      done.pop();
      continue;
    }
    const here = join(root, ...done, part);
    const info = lstatSync(here, { throwIfNoEntry: false });
    if (!info) return undefined;
    if (!info.isSymbolicLink()) {
      done.push(part);
      continue;
    }
    if (++links > MAX_LINKS) return undefined;
    const target = readlinkSync(here);
    if (target.startsWith("/")) done.length = 0;
    waiting.push(...target.split("/").reverse());
  }
  return join(root, ...done);
}

/** More than any file has that is looked at: a list of users, a release's name, an archive of locales. */
const LARGEST = 256 * 1024 * 1024;

/** The bytes of a file inside a root folder; undefined when there is none that can be read. */
export function readInside(root: string, path: string): Buffer | undefined {
  try {
    const real = resolveInside(root, path);
    return real === undefined ? undefined : readSmallFile(real, { limit: LARGEST });
  } catch {
    return undefined;
  }
}
