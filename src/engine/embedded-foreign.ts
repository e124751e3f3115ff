import { existsSync, lstatSync, mkdirSync, readlinkSync } from "node:fs";
import { dirname, join } from "node:path";
import { replaceFile } from "../base/files.ts";
import { readInside } from "../image/inside.ts";
import type { IdMaps } from "../launch/user-namespace.ts";
import { layerOf, type Surroundings } from "./embedded-layer.ts";
import { userLines } from "./embedded-users.ts";
import type { Pod } from "./engine.ts";

/** As the kernel's limit. */
const MAX_LINKS = 40;

/** A tree of root's that an ordinary user enters: overlay cannot copy up files of owners that the user has no ids for. */
export function isForeign(pod: Pod, maps: IdMaps): boolean {
  return maps.uidMap !== "" && pod.root.tree?.ownership === "real";
}

/**
 * Puts into the pod's upper folder what cannot be made once it lies over such a tree: the folders that hold mount
 * points which the tree lacks (a folder of the user's own over one of root's can be written to), copies of the user
 * database with the user in it, and files in the place of links where a file is to be mounted.
 */
export function fillUpper(pod: Pod, around: Surroundings, folders: readonly string[], files: readonly string[]): void {
  const lower = pod.root.tree?.folder ?? "/";
  const { upper } = layerOf(pod.id, around.paths);
  for (const target of folders) {
    if (!existsSync(join(lower, target))) makeFolders(upper, followFolders(lower, dirname(target)));
  }
  for (const target of files) {
    const folder = followFolders(lower, dirname(target));
    const place = join(folder, target.slice(dirname(target).length));
    if (lstatSync(join(lower, place), { throwIfNoEntry: false })?.isFile()) continue;
    makeFolders(upper, folder);
    placeFile(join(upper, place), "");
  }
  for (const { file, key, line } of userLines(around.user)) {
    const text = readInside(lower, file)?.toString("utf8") ?? "";
    if (text.split("\n").some((one) => one.startsWith(key))) continue;
    makeFolders(upper, dirname(file));
    placeFile(join(upper, file), `${text.replace(/([^\n])$/, "$1\n")}${line}\n`);
  }
}

/** What was changed in the pod stays. */
function placeFile(path: string, text: string): void {
  if (!lstatSync(path, { throwIfNoEntry: false })) replaceFile(path, text, 0o644);
}

function makeFolders(upper: string, folder: string): void {
  let made = upper;
  mkdirSync(upper, { recursive: true, mode: 0o755 });
  for (const part of folder.split("/").filter(Boolean)) {
    made = join(made, part);
    if (!existsSync(made)) mkdirSync(made, { mode: 0o755 });
  }
}

/** The folder with the tree's own links followed; a folder in the upper layer would hide a link of that name. */
function followFolders(lower: string, folder: string): string {
  const waiting = folder.split("/").reverse();
  let done = "/";
  for (let links = 0; waiting.length > 0; ) {
    const part = waiting.pop();
    if (!part || part === ".") continue;
    const here = join(done, part);
    const info = part === ".." ? undefined : lstatSync(join(lower, here), { throwIfNoEntry: false });
    if (!info?.isSymbolicLink() || ++links > MAX_LINKS) {
      done = here;
      continue;
    }
    const target = readlinkSync(join(lower, here));
    if (target.startsWith("/")) done = "/";
    waiting.push(...target.split("/").reverse());
  }
  return done;
}
