import { listKept, requireKept, takeDown } from "../lab/kept.ts";
import type { Input } from "./command.ts";

/** Ends labs, and all that runs in them. */
export async function run({ args, options, paths, output }: Input): Promise<number> {
  const labs = options.all ? listKept(paths) : [requireKept(paths, args[0])];
  for (const lab of labs) {
    await takeDown(paths, lab);
    output.line(`ended lab ${lab.name}`);
  }
  if (labs.length === 0) output.line("no lab was up");
  return 0;
}
