/** Where the launcher is inside: the only thing of ours that is brought in. */
export const LAUNCHER_INSIDE = "/.qpod/launch";

export const label = {
  id: "io.qpod.id",
  worktree: "io.qpod.worktree",
  environment: "io.qpod.environment",
  user: "io.qpod.user",
  look: "io.qpod.look",
};

export function containerName(id: string): string {
  return `qpod-${id}`;
}

/** A bind mount for `--mount`, which is one CSV record: a path may hold commas, quotes and newlines. */
export function bindOption(source: string, target: string, readOnly: boolean): string {
  const fields = ["type=bind", `source=${source}`, `target=${target}`, ...(readOnly ? ["readonly"] : [])];
  return fields.map((field) => (/[",\r\n]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field)).join(",");
}
