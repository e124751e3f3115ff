import { mkdirSync } from "node:fs";
import type { Paths } from "../base/paths.ts";
import type { Progress } from "../base/progress.ts";
import { formatBytes } from "../base/text.ts";
import { isInside } from "./choose-way.ts";
import { copyTrees } from "./native.ts";
import { type Raw, rawOf } from "./raw.ts";
import { measure, requireRoom, sharesBlocks } from "./room.ts";
import { contentOf, listScratches, type Scratch, storeOf } from "./scratch.ts";
import { furnishRoot } from "./system-root.ts";

/**
 * Copies the folder, and for a chroot the system around it. Blocks are shared where the filesystem can do that. Where it
 * cannot, git's own files are linked, and no others: a program that writes into a file changes all of its names.
 * @returns what we may not read, which stands there empty.
 */
export async function makeCopy(scratch: Scratch, paths: Paths, progress: Progress): Promise<Raw[]> {
  const { folder, store } = scratch;
  const { merged } = storeOf(scratch);
  const own = [store, ...listScratches(paths).map((other) => other.store)];
  const isSystem = scratch.way === "chroot" || folder === "/";
  const what = isSystem ? "the whole system" : folder;
  progress.step(`measuring ${what}`);
  const isShared = await sharesBlocks(isSystem ? "/" : folder, store);
  if (!isShared) {
    const bytes = await measure(isSystem ? "/" : folder);
    requireRoom(bytes, isSystem ? "/" : folder, store);
    if (isSystem) progress.warn(`copying the whole system, ${formatBytes(bytes)}, to ${store}`);
    progress.step(`copying ${what} (${formatBytes(bytes)})`);
  } else {
    progress.step(`copying ${what}, sharing its blocks`);
  }
  const unread: Raw[] = [];
  if (scratch.way === "chroot") {
    const inside = folder !== "/" ? [folder] : [];
    unread.push(...(await copyTrees([["/", rawOf(merged)]], "or", [...own, ...inside])));
    mkdirSync(contentOf(scratch), { recursive: true });
  }
  if (scratch.way !== "chroot" || folder !== "/")
    unread.push(...(await copyTrees([[rawOf(folder), rawOf(contentOf(scratch))]], isShared ? "or" : "gor", own)));
  if (scratch.way === "chroot") await furnishRoot(scratch, paths);
  return unread.filter((path) => isInside(path, rawOf(folder)));
}
