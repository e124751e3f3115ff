import { QpodError } from "../base/errors.ts";
import type { Progress } from "../base/progress.ts";
import { writePrepared } from "../image/store.ts";
import { nativeFile } from "../launch/locate.ts";
import { run } from "../process/run.ts";
import { type BoundPod, makePod, type PodMaker } from "./bound-pods.ts";
import type { Pod } from "./engine.ts";

/**
 * Gets the root filesystem of a pod ready, which may take minutes the first time.
 * @throws QpodError with what stands in the way, from the definition on.
 */
export async function prepareRoot(maker: PodMaker, bound: BoundPod, progress: Progress): Promise<Pod> {
  if (bound.problem) throw bound.problem;
  if (bound.pod) return bound.pod;
  const { environment, choice, worktree } = bound;
  if (!environment || !choice) throw new QpodError({ fact: `the environment ${bound.environmentName} is not defined` });
  const root = await choice.engine.prepare(environment, progress);
  // The embedded engine's trees are recorded where they are unpacked; other engines keep theirs to themselves.
  if (!root.tree) writePrepared(maker.paths, environment, choice.engine.name, root);
  bound.pod = makePod(maker, choice.engine, worktree, environment, root);
  bound.id = bound.pod.id;
  return bound.pod;
}

/** Has the launcher start the pod under its lock, exactly as a first command would. */
export async function startByLauncher(maker: PodMaker, pod: Pod): Promise<void> {
  const argv = [nativeFile("qpod-launch"), "start", maker.paths.runtime, pod.id, pod.definition.toString()] as const;
  const result = await run([...argv], { inherit: true });
  if (result.status !== 0)
    throw new QpodError({
      fact: `the pod ${pod.id} could not be started`,
      remedy: "The lines above say why; `qpod doctor` may know more.",
    });
}
