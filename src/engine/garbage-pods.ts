import { existsSync, readdirSync, unlinkSync } from "node:fs";
import { join } from "node:path";
import { isAlive } from "../launch/first-process.ts";
import { runtimeLayout } from "../launch/layout.ts";
import type { BoundPod, PodMaker } from "./bound-pods.ts";
import type { Engine } from "./engine.ts";
import type { GarbageOptions, Removed } from "./garbage.ts";
import { readPodEntry } from "./pod-files.ts";
import { listPodIds, readFacts } from "./pods.ts";

/** Removes the pods that nothing is bound to, with their layers, homes and containers. `gone` names them all. */
export async function removePods(
  maker: PodMaker,
  bound: readonly BoundPod[],
  busy: ReadonlySet<string>,
  { dryRun, progress }: GarbageOptions,
): Promise<{ removed: Removed[]; gone: string[] }> {
  const removed: Removed[] = [];
  const gone: string[] = [];
  for (const id of await knownPods(maker)) {
    if (busy.has(id) || mayBeBound(maker, bound, id)) continue;
    progress.step(`looking at ${id}`);
    const engines = enginesOf(maker, id);
    const sizes = await Promise.all(engines.map((engine) => engine.measure(id)));
    const bytes = sizes.reduce((sum, size) => sum + size, 0);
    if (!dryRun) await removePod(maker, engines, id);
    gone.push(id);
    // A mere record of a pod that never was is not worth a line.
    if (bytes > 0) removed.push({ what: `pod ${id}`, bytes });
  }
  return { removed, gone };
}

/** Bound, or of an environment whose definition cannot be understood at present: what was changed in it may be wanted again. */
function mayBeBound({ paths }: PodMaker, bound: readonly BoundPod[], id: string): boolean {
  const facts = readFacts(runtimeLayout(paths.runtime), id);
  return bound.some(
    (pod) =>
      pod.id === id || (pod.problem !== undefined && pod.environmentName === facts?.environment && pod.worktree.root === facts.worktree),
  );
}

async function knownPods({ paths, engines }: PodMaker): Promise<Set<string>> {
  const folder = (name: string) => (existsSync(join(paths.data, name)) ? readdirSync(join(paths.data, name)) : []);
  const listed = await Promise.all(engines.map((engine) => engine.list()));
  const layout = runtimeLayout(paths.runtime);
  // Pods that were planned under another HOME are not ours to judge: our registry does not know them.
  const noted = listPodIds(layout).filter((id) => readFacts(layout, id)?.data === paths.data);
  return new Set([...["layers", "homes", "containers"].flatMap(folder), ...noted, ...listed.flat().map(({ id }) => id)]);
}

/** The engine that the pod was planned for; any, when nothing tells any more. */
function enginesOf({ paths, engines }: PodMaker, id: string): readonly Engine[] {
  const name = readFacts(runtimeLayout(paths.runtime), id)?.engine;
  return name ? engines.filter((engine) => engine.name === name) : engines;
}

/** Ends a pod and removes all that is left of it. */
export async function removePod({ paths }: PodMaker, engines: readonly Engine[], id: string): Promise<void> {
  const layout = runtimeLayout(paths.runtime);
  const entry = readPodEntry(layout, id);
  for (const engine of engines) {
    if (entry && isAlive(entry)) await engine.stop(id);
    await engine.remove(id);
  }
  for (const name of existsSync(layout.pods) ? readdirSync(layout.pods) : []) {
    if (name.startsWith(`${id}.`)) unlinkSync(join(layout.pods, name));
  }
}
