import { formatBytes } from "../base/text.ts";
import { collectGarbage } from "../engine/collect-garbage.ts";
import type { Input } from "./command.ts";
import { makeMaker, withProgress } from "./context.ts";

/** Removes what nothing refers to: root trees, writable layers, containers and records of pods that are gone. */
export async function run({ options, paths, output }: Input): Promise<number> {
  const dryRun = options.dryRun === true;
  const removed = await withProgress((progress) => collectGarbage(makeMaker(paths), { dryRun, cache: options.cache === true, progress }));
  const bytes = removed.reduce((sum, one) => sum + one.bytes, 0);
  if (options.json) {
    output.json({ dryRun, bytes, removed });
    return 0;
  }
  for (const one of removed) output.line(`${dryRun ? "would remove" : "removed"} ${one.what} (${formatBytes(one.bytes)})`);
  output.line(removed.length === 0 ? "nothing to remove" : `${formatBytes(bytes)} ${dryRun ? "would be freed" : "freed"}`);
  return 0;
}
