import { join } from "node:path";
import { visible } from "../base/text.ts";
import { run as runProgram } from "../process/run.ts";
import { type Change, listChanges } from "../scratch/changes.ts";
import { textOf } from "../scratch/raw.ts";
import { contentOf, requireScratch, type Scratch } from "../scratch/scratch.ts";
import type { Input } from "./command.ts";
import { scratchFolder } from "./scratch-folder.ts";

const letters: Record<Change["kind"], string> = { added: "A", changed: "M", deleted: "D" };

/** Shows what a scratch changed: which files, and their content. */
export async function run({ args, options, paths, output }: Input): Promise<number> {
  const scratch = requireScratch(scratchFolder(args[0]), paths);
  const changes = (await listChanges(scratch, paths)).map((change) => ({ ...change, path: textOf(change.path) }));
  if (options.json) {
    output.json(changes);
    return 0;
  }
  if (changes.length === 0) output.line("nothing was changed");
  for (const change of changes) {
    if (options.stat || change.type !== "file") output.line(lineOf(change));
    else await showContent(scratch, change, output);
  }
  return 0;
}

function lineOf({ path, kind, type, was, conflict }: Change): string {
  const notes = [was && `was a ${was}`, conflict && `conflict: ${conflict}`].filter(Boolean).join("; ");
  return `${letters[kind]}  ${visible(path)}${type === "folder" ? "/" : ""}${notes && `  (${notes})`}`;
}

async function showContent(scratch: Scratch, change: Change, output: Input["output"]): Promise<void> {
  const { path, kind, was, conflict } = change;
  const isNew = kind === "added" || was !== undefined;
  const before = isNew ? "/dev/null" : join(scratch.folder, path);
  const after = kind === "deleted" ? "/dev/null" : join(contentOf(scratch), path);
  const note = conflict ? `  (conflict: ${conflict})` : "";
  const labels = [isNew ? "/dev/null" : `a/${visible(path)}`, kind === "deleted" ? "/dev/null" : `b/${visible(path)}${note}`];
  const { status, stdout } = await runProgram(
    ["diff", "--unified", ...labels.flatMap((label) => ["--label", label]), "--", before, after],
    { remedy: "Install the package diffutils, or use --stat." },
  );
  if (was !== undefined) output.line(lineOf(change));
  // It says by its status that it cannot read one of them, or that their bytes are no text.
  if (status > 1 || stdout === "" || stdout.startsWith("Binary files ")) {
    if (was === undefined) output.line(`${lineOf(change)}${status > 1 && !stdout ? "  (cannot be read)" : stdout ? "  (binary)" : ""}`);
  } else output.diff(stdout.trimEnd());
}
