import { existsSync } from "node:fs";
import { publish } from "../engine/publish.ts";
import { runtimeLayout } from "../launch/layout.ts";
import { askLauncher } from "../session/explanation.ts";
import type { Input } from "./command.ts";
import { wordExplanation } from "./word-explanation.ts";

/** Says where a command would run, and why. Only where there is no policy yet: else src/explain.ts does. */
export async function run({ args, options, paths, output }: Input): Promise<number> {
  const layout = runtimeLayout(paths.runtime);
  if (!existsSync(layout.policy)) await publish((await import("./context.ts")).makeMaker(paths));
  const command = args[0] ?? "";
  wordExplanation(command, await askLauncher(paths.runtime, command), options.json === true, output);
  return 0;
}
