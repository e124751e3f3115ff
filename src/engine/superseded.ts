import { findEnvironment, loadEnvironment } from "../config/find.ts";
import { runtimeLayout } from "../launch/layout.ts";
import { readWorktree } from "../repo/find.ts";
import { type PodMaker, planPod } from "./bound-pods.ts";
import { findRules } from "./find-bound.ts";
import { listRunning, type PodState, readFacts } from "./pods.ts";

/**
 * Ids of running pods that no command enters any more: their environment, its root filesystem or the binding changed
 * since they were started. Pods of another HOME are not ours to judge, and those of scratches come and go with them.
 */
async function findSuperseded(maker: PodMaker, running: readonly PodState[]): Promise<Set<string>> {
  const layout = runtimeLayout(maker.paths.runtime);
  const own = running.filter(({ id }) => {
    const facts = readFacts(layout, id);
    return facts?.data === maker.paths.data && !facts.pod?.scratch;
  });
  const worktrees = [...new Set(own.map(({ worktree }) => worktree))];
  const judged = await Promise.all(
    worktrees.map((root) =>
      judge(
        maker,
        root,
        own.filter(({ worktree }) => worktree === root),
      ),
    ),
  );
  return new Set(judged.flat());
}

async function judge(maker: PodMaker, root: string, pods: readonly PodState[]): Promise<string[]> {
  const worktree = readWorktree(Buffer.from(root));
  // Nobody can call a command in a work tree that is gone.
  if (!worktree) return pods.map(({ id }) => id);
  const bound = (await findRules(maker, worktree)).map(({ pod }) => pod);
  const judged = pods.map(async ({ id, environment }) => {
    const plans = bound.filter(({ environmentName }) => environmentName === environment);
    if (plans.length === 0 && (await findEnvironment(environment, maker.paths)) === undefined) return [id];
    // `qpod up NAME` and `qpod run --env NAME` need no binding.
    if (plans.length === 0) plans.push(await planPod(maker, worktree, () => loadEnvironment(environment, maker.paths), environment));
    // While a definition has a mistake in it, nothing tells what it will be.
    return plans.some((plan) => plan.problem || plan.id === id) ? [] : [id];
  });
  return (await Promise.all(judged)).flat();
}

/**
 * Ends superseded pods in which nothing runs any more. What was changed in them stays until `qpod gc`: their definition
 * may come back. A pod that cannot be ended is left for the next time, since whoever calls has something else to do.
 * @returns what is up after that.
 */
export async function endSuperseded(maker: PodMaker): Promise<(PodState & { superseded: boolean })[]> {
  const layout = runtimeLayout(maker.paths.runtime);
  const running = listRunning(layout);
  if (running.length === 0) return [];
  const superseded = await findSuperseded(maker, running);
  const left = await Promise.all(
    running.map(async (pod) => {
      const state = { ...pod, superseded: superseded.has(pod.id) };
      const engine = maker.engines.find(({ name }) => name === pod.engine);
      // What a daemon runs in a pod for somebody who may not join it is not theirs to see: such a pod may not be idle.
      if (!state.superseded || pod.commands.length > 0 || !engine || engine.server?.(pod.id)) return [state];
      return engine.stop(pod.id).then(
        () => [],
        () => [state],
      );
    }),
  );
  return left.flat();
}
