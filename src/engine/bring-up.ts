import { QpodError } from "../base/errors.ts";
import { replaceFile } from "../base/files.ts";
import { withLock } from "../base/lock.ts";
import type { Progress } from "../base/progress.ts";
import { writePrepared } from "../image/store.ts";
import { type FirstProcess, isAlive } from "../launch/first-process.ts";
import { runtimeLayout } from "../launch/layout.ts";
import { nativeFile } from "../launch/locate.ts";
import { encodeOperations } from "../launch/operations.ts";
import { run } from "../process/run.ts";
import { type BoundPod, makePod, type PodMaker } from "./bound-pods.ts";
import type { Engine, Pod } from "./engine.ts";
import { entryOperations } from "./entry.ts";
import { readPodEntry } from "./pod-files.ts";

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

/** Starts a pod whose engine needs Node, unless it is up, and writes its entry. */
export async function startWithEngine(maker: PodMaker, engine: Engine, pod: Pod, progress: Progress): Promise<void> {
  if (engine.startList) return;
  const layout = runtimeLayout(maker.paths.runtime);
  await withLock(
    `${layout.lock(pod.id)}.engine`,
    async () => {
      const entry = readPodEntry(layout, pod.id);
      const first = entry && isAlive(entry) ? entry : await engine.start(pod, progress);
      writeEntry(maker, engine, pod, first);
    },
    { what: `the pod ${pod.id}`, timeout: 600_000 },
  );
}

function writeEntry(maker: PodMaker, engine: Engine, pod: Pod, first: FirstProcess): void {
  const [head, ...rest] = entryOperations(pod, engine.joins(pod), maker.user, engine.server?.(pod.id));
  if (!head) return;
  const numbers = [BigInt(first.pid), first.startTime, pod.definition, first.serves ?? 0n];
  replaceFile(runtimeLayout(maker.paths.runtime).entry(pod.id), encodeOperations([{ ...head, numbers }, ...rest]));
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
