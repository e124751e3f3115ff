import { abandonKeep } from "../scratch/keep.ts";
import { removeScratch, requireScratch, withScratchLock } from "../scratch/scratch.ts";
import type { Input } from "./command.ts";
import { freeScratch } from "./free-scratch.ts";
import { scratchFolder } from "./scratch-folder.ts";

/** Forgets what a scratch changed. */
export async function run({ args, paths, output }: Input): Promise<number> {
  const folder = scratchFolder(args[0]);
  return withScratchLock(folder, paths, async () => {
    const scratch = requireScratch(folder, paths);
    await freeScratch(scratch, paths, "nobody");
    const applied = abandonKeep(scratch, paths);
    await removeScratch(scratch, paths);
    output.line(`dropped the scratch of ${folder}`);
    if (applied > 0) output.line(`${applied} of its changes had been applied by an interrupted keep, and stay`);
    return 0;
  });
}
