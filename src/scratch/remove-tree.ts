import { chmodSync, rmdirSync, unlinkSync } from "node:fs";
import { bytesOf, lookAt, namesIn, type Raw } from "./raw.ts";

/**
 * Removes what is at the path, if anything, with all in it; also from folders that are ours and read-only, which `rm`
 * leaves. Permissions of files are not touched: they may have names elsewhere.
 */
export function removeTree(path: Raw): void {
  const info = lookAt(path);
  if (!info?.isDirectory()) {
    if (info) unlinkSync(bytesOf(path));
    return;
  }
  if ((info.mode & 0o700) !== 0o700 && info.uid === process.getuid?.()) chmodSync(bytesOf(path), info.mode | 0o700);
  for (const name of namesIn(path)) removeTree(`${path}/${name}`);
  rmdirSync(bytesOf(path));
}
