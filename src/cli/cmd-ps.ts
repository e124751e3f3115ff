import { visible } from "../base/text.ts";
import { listRunning } from "../engine/pods.ts";
import { runtimeLayout } from "../launch/layout.ts";
import type { Input } from "./command.ts";

/** Pods that are up, and what runs in them. */
export async function run({ options, paths, output }: Input): Promise<number> {
  const pods = listRunning(runtimeLayout(paths.runtime));
  if (options.json) {
    output.json(pods);
    return 0;
  }
  if (pods.length === 0) output.line("no pod is up; they start when a command needs them");
  else
    output.table([
      ["POD", "ENVIRONMENT", "ENGINE", "PID", "REPOSITORY"],
      ...pods.map((pod) => [pod.id, pod.environment, pod.engine ?? "?", String(pod.pid), pod.worktree]),
    ]);
  for (const pod of pods) for (const { pid, command } of pod.commands) output.line(`  ${pod.environment}  ${pid}  ${visible(command)}`);
  return 0;
}
