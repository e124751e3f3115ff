import { removeScratch, requireScratch } from "../scratch/scratch.ts";
import type { Input } from "./command.ts";
import { freeScratch } from "./free-scratch.ts";
import { scratchFolder } from "./scratch-folder.ts";

/** Forgets what a scratch changed. */
export async function run({ args, paths, output }: Input): Promise<number> {
  const scratch = requireScratch(scratchFolder(args[0]), paths);
  await freeScratch(scratch, paths, "nobody");
  await removeScratch(scratch, paths);
  output.line(`dropped the scratch of ${scratch.folder}`);
  return 0;
}
