import { startByLauncher } from "../engine/bring-up.ts";
import { publish } from "../engine/publish.ts";
import { endSuperseded } from "../engine/superseded.ts";
import { namedPod, planStart, requireBoundPod } from "./choose-pod.ts";
import type { Input } from "./command.ts";
import { makeMaker, requireWorktree } from "./context.ts";

/** Starts the pod of this repository, fetching its root filesystem first if need be. */
export async function run({ args, paths, output }: Input): Promise<number> {
  const maker = makeMaker(paths);
  const worktree = requireWorktree();
  const name = args[0];
  const bound = name ? await namedPod(maker, name) : await requireBoundPod(maker, worktree);
  await publish(maker);
  const pod = await planStart(maker, bound);
  await startByLauncher(maker, pod);
  await endSuperseded(maker);
  output.line(`${bound.environmentName} is up (pod ${pod.id}, ${bound.choice?.engine.name} engine)`);
  return 0;
}
