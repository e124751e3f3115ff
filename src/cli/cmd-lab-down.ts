import { listKept, requireKept, takeDown } from "../lab/kept.ts";
import type { Input } from "./command.ts";

/** Ends labs, and all that runs in them. */
export async function run({ args, options, paths, output }: Input): Promise<number> {
  const names = args.length > 0 ? [...new Set(args)] : [undefined];
  const labs = options.all ? listKept(paths) : names.map((name) => requireKept(paths, name, "qpod lab down"));
  for (const lab of labs) {
    await takeDown(paths, lab);
    output.line(`ended lab ${lab.name}`);
  }
  if (labs.length === 0) output.line("no lab was up");
  return 0;
}
