import { listChanges } from "../scratch/changes.ts";
import { applyChanges } from "../scratch/keep.ts";
import { removeScratch, requireScratch } from "../scratch/scratch.ts";
import type { Input } from "./command.ts";
import { freeScratch } from "./free-scratch.ts";
import { scratchFolder } from "./scratch-folder.ts";

/** Applies what a scratch changed, and forgets the scratch. */
export async function run({ args, paths, output }: Input): Promise<number> {
  const scratch = requireScratch(scratchFolder(args[0]), paths);
  await freeScratch(scratch, paths, "nobody");
  const changes = await listChanges(scratch);
  applyChanges(scratch, changes);
  await removeScratch(scratch, paths);
  output.line(changes.length === 0 ? "nothing was changed; the scratch is gone" : `kept ${changes.length} changes in ${scratch.folder}`);
  return 0;
}
