import { listChanges } from "../scratch/changes.ts";
import { applyChanges, finishKeep } from "../scratch/keep.ts";
import { removeScratch, requireScratch, withScratchLock } from "../scratch/scratch.ts";
import type { Input } from "./command.ts";
import { freeScratch } from "./free-scratch.ts";
import { scratchFolder } from "./scratch-folder.ts";

/** Applies what a scratch changed, and forgets the scratch. */
export async function run({ args, paths, output }: Input): Promise<number> {
  const folder = scratchFolder(args[0]);
  return withScratchLock(folder, paths, async () => {
    const scratch = requireScratch(folder, paths);
    await freeScratch(scratch, paths, "nobody");
    const finished = await finishKeep(scratch, paths);
    const changes = finished === undefined ? await listChanges(scratch, paths) : [];
    if (changes.length > 0) await applyChanges(scratch, changes, paths);
    await removeScratch(scratch, paths);
    if (finished !== undefined) output.line(`finished what was left to keep in ${folder}`);
    else if (changes.length === 0) output.line("nothing was changed; the scratch is gone");
    else output.line(`kept ${changes.length} change${changes.length === 1 ? "" : "s"} in ${folder}`);
    return 0;
  });
}
