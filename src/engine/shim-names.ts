import { splitCommands } from "../config/defaults.ts";
import type { BoundPod } from "./bound-pods.ts";

/**
 * Names that must be found on PATH even if the host has no such program: the environments' commands, and the
 * versioned and prefixed forms that their roots really have.
 */
export function shimNames(pods: readonly BoundPod[]): Set<string> {
  const names = new Set<string>();
  for (const { environment, pod } of pods) {
    const commands = splitCommands(environment?.commands ?? [], environment?.defaultCommands ?? true);
    for (const name of commands.names) names.add(name);
    const globs = commands.globs.map(toPattern);
    const known = new Set(commands.names);
    for (const program of pod?.root.programs ?? []) {
      const plain = program.replace(/-?[0-9][0-9.]*$/, "");
      if (known.has(plain) || globs.some((glob) => glob.test(program) || glob.test(plain))) names.add(program);
    }
  }
  for (const name of names) if (!/^[^/\0]+$/.test(name) || name === "." || name === "..") names.delete(name);
  return names;
}

function toPattern(glob: string): RegExp {
  const text = glob
    .replaceAll(/[.+^${}()|[\]\\]/g, "\\$&")
    .replaceAll(/\*+/g, "[^/]*")
    .replaceAll("?", "[^/]");
  return new RegExp(`^${text}$`);
}
