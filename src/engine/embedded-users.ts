import { join } from "node:path";
import { readIfThere, replaceFile } from "../base/files.ts";
import { type Operation, op, option } from "../launch/operations.ts";
import type { User } from "../launch/user.ts";
import { layerOf, mountFlag, type Surroundings } from "./embedded-layer.ts";
import { isForeign } from "./embedded-root.ts";
import type { Pod } from "./engine.ts";

/** Programs ask the user database for names; an image knows nothing of the invoking user. */
export function userOperations(pod: Pod, around: Surroundings): Operation[] {
  const lines = userLines(around.user);
  if (!isForeign(pod, around.maps)) return lines.map(({ file, key, line }) => ({ code: op.line, strings: [file, key, line] }));
  // The tree's own files cannot be changed: copies with the line in them lie over those that are there.
  const lower = pod.root.tree?.folder ?? "/";
  return lines.flatMap(({ file, key, line }): Operation[] => {
    const text = readIfThere(join(lower, file));
    if (text === undefined || text.split("\n").some((one) => one.startsWith(key))) return [];
    const copy = join(layerOf(pod.id, around.paths).etc, file);
    replaceFile(copy, `${text.replace(/\n?$/, "\n")}${line}\n`, 0o644);
    return [{ code: op.bind, numbers: [mountFlag.readOnly, option.optional], strings: [copy, file] }];
  });
}

function userLines({ uid, gid, name, group, home }: User) {
  return [
    { file: "/etc/passwd", key: `${name}:`, line: `${name}:x:${uid}:${gid}:${name}:${home}:/bin/sh` },
    { file: "/etc/group", key: `${group}:`, line: `${group}:x:${gid}:` },
  ];
}
