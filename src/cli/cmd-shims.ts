import { publish } from "../engine/publish.ts";
import { runtimeLayout } from "../launch/layout.ts";
import type { Input } from "./command.ts";
import { makeMaker } from "./context.ts";

/** The folder whose names take the same decision as a session, for callers that a session cannot reach. */
export async function run({ paths, output }: Input): Promise<number> {
  await publish(makeMaker(paths));
  output.line(runtimeLayout(paths.runtime).shims);
  return 0;
}
