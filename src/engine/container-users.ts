import { closeSync, constants, openSync, readFileSync, writeSync } from "node:fs";
import { resolveInside } from "../image/inside.ts";
import type { User } from "../launch/user.ts";
import type { PodMount } from "./mounts.ts";

/**
 * Makes the user known inside, for prompts, git and ssh, which ask for a name. An image without a user database
 * gets none: nothing in it would read one. A file that a mount brings in is somebody else's to change.
 */
export function makeUserKnown(root: string, user: User, mounts: readonly PodMount[]): void {
  for (const { path, line } of userLines(user, mounts)) appendLine(root, path, line);
}

/** What the files of the user database are to hold, each line unless one for the same name is there. */
export function userLines(user: User, mounts: readonly PodMount[]): { path: string; key: string; line: string }[] {
  const { name, group, uid, gid, home } = user;
  if ([name, group, home].some((field) => /[:\n]/.test(field))) return [];
  const lines = [
    { path: "/etc/passwd", key: `${name}:`, line: `${name}:x:${uid}:${gid}:${name}:${home}:/bin/sh` },
    { path: "/etc/group", key: `${group}:`, line: `${group}:x:${gid}:` },
  ];
  return lines.filter(({ path }) => !mounts.some(({ target }) => path === target || path.startsWith(`${target}/`)));
}

/** Resolved as inside: in the image the path may be a symlink, which from here would lead to the host's own file. */
function appendLine(root: string, path: string, line: string): void {
  const file = resolveInside(root, path);
  if (!file) return;
  let fd: number | undefined;
  try {
    fd = openSync(file, constants.O_RDWR | constants.O_APPEND | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    const text = readFileSync(fd, "utf8");
    const key = line.slice(0, line.indexOf(":") + 1);
    if (text.split("\n").some((one) => one.startsWith(key))) return;
    writeSync(fd, `${text === "" || text.endsWith("\n") ? "" : "\n"}${line}\n`);
  } catch {
    // A read-only or odd file: the user stays a number, which is no reason to fail.
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
}
