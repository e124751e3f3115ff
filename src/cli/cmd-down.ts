import { listRunning } from "../engine/pods.ts";
import { runtimeLayout } from "../launch/layout.ts";
import type { Input } from "./command.ts";
import { allEngines, requireWorktree } from "./context.ts";

/** Ends pods. What still runs in them goes on to its end; the next command starts a new pod. */
export async function run({ options, paths, output }: Input): Promise<number> {
  const engines = allEngines(paths);
  const root = options.all ? undefined : requireWorktree().root;
  const pods = listRunning(runtimeLayout(paths.runtime)).filter((pod) => root === undefined || pod.worktree === root);
  for (const pod of pods) {
    await engines.find(({ name }) => name === pod.engine)?.stop(pod.id);
    const left = pod.commands.length > 0 ? `; ${pod.commands.length} commands still run in it` : "";
    output.line(`ended ${pod.id}${left}`);
  }
  if (pods.length === 0) output.line("no pod was up");
  return 0;
}
