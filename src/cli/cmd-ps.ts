import { visible } from "../base/text.ts";
import { endSuperseded } from "../engine/superseded.ts";
import type { Input } from "./command.ts";
import { makeMaker } from "./context.ts";

/** Pods that are up, and what runs in them. Those that were superseded are listed for as long as something does. */
export async function run({ options, paths, output }: Input): Promise<number> {
  const pods = await endSuperseded(makeMaker(paths));
  if (options.json) {
    output.json(pods);
    return 0;
  }
  if (pods.length === 0) output.line("no pod is up; they start when a command needs them");
  else
    output.table([
      ["POD", "ENVIRONMENT", "ENGINE", "STATE", "PID", "REPOSITORY"],
      ...pods.map((pod) => [
        pod.id,
        pod.environment,
        pod.engine ?? "?",
        pod.superseded ? "superseded" : "current",
        String(pod.pid),
        pod.worktree,
      ]),
    ]);
  for (const pod of pods) for (const { pid, command } of pod.commands) output.line(`  ${pod.environment}  ${pid}  ${visible(command)}`);
  return 0;
}
