import { loadEnvironment } from "../config/find.ts";
import { type BoundPod, type PodMaker, planPod } from "../engine/bound-pods.ts";
import { prepareRoot } from "../engine/bring-up.ts";
import { findBound } from "../engine/find-bound.ts";
import { readFacts } from "../engine/pods.ts";
import { publish, writeStartFile } from "../engine/publish.ts";
import { startWithEngine } from "../engine/start-with-engine.ts";
import { endSuperseded } from "../engine/superseded.ts";
import { runtimeLayout } from "../launch/layout.ts";
import { readWorktree } from "../repo/find.ts";
import type { Input } from "./command.ts";
import { makeMaker, withProgress } from "./context.ts";

/**
 * What the launcher cannot do by itself for a first command: fetch a root filesystem, start a container. The launcher
 * holds the pod's lock, and asks the policy again afterwards. What is planned already, src/start-pod.ts has started.
 */
export async function run({ args, paths }: Input): Promise<number> {
  const maker = makeMaker(paths);
  const id = args[0] ?? "";
  const bound = await findPod(maker, id);
  if (bound) {
    await withProgress(async (progress) => {
      const pod = await prepareRoot(maker, bound, progress);
      progress.step(`starting ${bound.environmentName}`);
      writeStartFile(maker, bound);
      if (bound.choice) await startWithEngine(maker, bound.choice.engine, pod, progress);
    });
  }
  await publish(maker);
  await endSuperseded(maker);
  return 0;
}

/** The pod as it is bound now; or one that was started without a binding (`qpod run --env`), as its facts say. */
async function findPod(maker: PodMaker, id: string): Promise<BoundPod | undefined> {
  const { bound } = await findBound(maker);
  const pod = bound.flatMap(({ rules }) => rules.map((rule) => rule.pod)).find((one) => one.id === id);
  if (pod) return pod;
  const facts = readFacts(runtimeLayout(maker.paths.runtime), id);
  if (!facts) return undefined;
  const worktree = readWorktree(Buffer.from(facts.worktree)) ?? { root: facts.worktree, gitDir: facts.worktree, commonDir: facts.worktree };
  const planned = await planPod(maker, worktree, () => loadEnvironment(facts.environment, maker.paths), facts.environment);
  return planned;
}
