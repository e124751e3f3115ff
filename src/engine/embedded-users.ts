import { type Operation, op } from "../launch/operations.ts";
import type { User } from "../launch/user.ts";

/** Programs ask the user database for names; an image knows nothing of the invoking user. */
export function userOperations(user: User): Operation[] {
  return userLines(user).map(({ file, key, line }) => ({ code: op.line, strings: [file, key, line] }));
}

/** The lines of the user database that tell of the user, unless one starts with the key. */
export function userLines({ uid, gid, name, group, home }: User) {
  return [
    { file: "/etc/passwd", key: `${name}:`, line: `${name}:x:${uid}:${gid}:${name}:${home}:/bin/sh` },
    { file: "/etc/group", key: `${group}:`, line: `${group}:x:${gid}:` },
  ];
}
