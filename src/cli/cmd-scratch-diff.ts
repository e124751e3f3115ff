import { existsSync } from "node:fs";
import { join } from "node:path";
import { QpodError } from "../base/errors.ts";
import { visible } from "../base/text.ts";
import { run as runProgram } from "../process/run.ts";
import { type Change, listChanges, newContentOf } from "../scratch/changes.ts";
import { requireScratch, type Scratch } from "../scratch/scratch.ts";
import type { Input } from "./command.ts";
import { scratchFolder } from "./scratch-folder.ts";

const letters: Record<Change["kind"], string> = { added: "A", changed: "M", deleted: "D" };

/** Shows what a scratch changed: which files, and their content. */
export async function run({ args, options, paths, output }: Input): Promise<number> {
  const scratch = requireScratch(scratchFolder(args[0]), paths);
  const changes = await listChanges(scratch);
  if (options.json) {
    output.json(changes);
    return 0;
  }
  if (changes.length === 0) output.line("nothing was changed");
  for (const change of changes) {
    const note = change.conflict ? `  (conflict: ${change.conflict})` : "";
    const path = `${visible(change.path)}${change.type === "folder" ? "/" : ""}`;
    if (options.stat || change.type !== "file") output.line(`${letters[change.kind]}  ${path}${note}`);
    else await showContent(scratch, change, note, output);
  }
  return 0;
}

async function showContent(scratch: Scratch, { path, kind }: Change, note: string, output: Input["output"]): Promise<void> {
  const real = join(scratch.folder, path);
  const before = kind === "added" || !existsSync(real) ? "/dev/null" : real;
  const after = kind === "deleted" ? "/dev/null" : join(newContentOf(scratch), path);
  const labels = [kind === "added" ? "/dev/null" : `a/${visible(path)}`, kind === "deleted" ? "/dev/null" : `b/${visible(path)}${note}`];
  const { status, stdout, stderr } = await runProgram(
    ["diff", "--unified", ...labels.flatMap((label) => ["--label", label]), "--", before, after],
    { remedy: "Install the package diffutils, or use --stat." },
  );
  if (status > 1) throw new QpodError({ fact: stderr.trim() || `diff ended with status ${status}` });
  if (stdout === "") output.line(`${letters[kind]}  ${visible(path)}${note}`);
  else output.diff(stdout.trimEnd());
}
