import { join } from "node:path";
import { substitutePath } from "../base/gdb-words.ts";
import { quote } from "../base/text.ts";
import { findClangd, type Workplace } from "./workplace.ts";

/**
 * The programs that an editor is told to start. They run on the host as all below `.git` does, survive a restart of
 * the system, and become what they start: a signal from the editor reaches the program itself.
 */
export function writePrograms(place: Workplace): Map<string, string> {
  return new Map([
    ["clangd", clangd(place)],
    ["gdb", gdb(place)],
    ["gdb-attach", attach(place)],
  ]);
}

const head = (what: string) => `#!/bin/sh\n# ${what}\n# Written by \`qpod ide --write\`, which writes it anew.\n`;

/** Editors start their helpers anywhere; which environment is meant depends on the folder. */
const goThere = (root: string) => `case $PWD/ in ${quote(`${root}/`)}*) ;; *) cd ${quote(root)} || exit 125 ;; esac\n`;

function clangd(place: Workplace): string {
  const { worktree, path, folder } = place;
  const own = findClangd(place);
  if (own === undefined) {
    const words = ["clangd", `--compile-commands-dir=${folder}`].map(quote).join(" ");
    return `${head("The host's clangd, for an environment that has none.")}exec ${words} "$@"\n`;
  }
  const mapping = path === undefined ? [] : [`--path-mappings=${worktree.root}=${path}`];
  const words = [join(folder, "qpod"), "run", own, ...mapping].map(quote).join(" ");
  return `${head("The environment's clangd.")}${goThere(worktree.root)}exec ${words} "$@"\n`;
}

function gdb({ worktree, path, folder }: Workplace): string {
  const words = [join(folder, "qpod"), "run", "gdb", ...substitute(worktree.root, path)].map(quote).join(" ");
  return `${head("The environment's gdb, which shows files by their paths on the host.")}${goThere(worktree.root)}exec ${words} "$@"\n`;
}

function attach({ worktree, path }: Workplace): string {
  const words = substitute(worktree.root, path).map(quote).join(" ");
  return `${head("The host's gdb on a process of the environment: gdb-attach PID [ARGUMENT...]")}pid=$1
case $pid in '' | *[!0-9]*) echo "gdb-attach: which process? gdb-attach PID [ARGUMENT...]" >&2; exit 2 ;; esac
shift
# Outside of the repository gdb is the host's own.
cd / && exec gdb -iex "set sysroot /proc/$pid/root" ${words} -p "$pid" "$@"
`;
}

function substitute(root: string, path: string | undefined): string[] {
  return path === undefined ? [] : substitutePath(path, root);
}
