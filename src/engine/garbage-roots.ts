import { QpodError } from "../base/errors.ts";
import { engineNames } from "../config/environment.ts";
import { listEnvironments, loadEnvironment } from "../config/find.ts";
import { listRoots, removeRoot, storeKey } from "../image/store.ts";
import { runtimeLayout } from "../launch/layout.ts";
import type { BoundPod, PodMaker } from "./bound-pods.ts";
import type { GarbageOptions, Removed } from "./garbage.ts";
import { type PodState, readFacts } from "./pods.ts";

/**
 * Every environment that is defined keeps its root, bound or not: fetching it again may be impossible.
 * @throws QpodError when one cannot be read: its root is unknown, and nothing can be told apart.
 */
export async function wantedRoots({ paths }: PodMaker, bound: readonly BoundPod[]): Promise<Set<string>> {
  const environments = await Promise.all((await listEnvironments(paths)).map(({ name }) => loadEnvironment(name, paths)));
  // Repositories bring definitions of their own.
  environments.push(...bound.flatMap(({ environment }) => environment ?? []));
  return new Set(environments.flatMap((environment) => engineNames.map((engine) => storeKey(environment, engine))));
}

/** Removes roots that are not wanted and that no pod stands on, and the images that were fetched or made for them. */
export async function removeRoots(
  maker: PodMaker,
  wanted: ReadonlySet<string>,
  { busy, gone }: { busy: readonly PodState[]; gone: readonly string[] },
  { dryRun, progress }: GarbageOptions,
): Promise<Removed[]> {
  const layout = runtimeLayout(maker.paths.runtime);
  const underneath = busy.map(({ id }) => readFacts(layout, id)?.pod?.root.identity);
  // A pod that nothing is known of may stand on any.
  if (underneath.includes(undefined)) return [];
  const roots = listRoots(maker.paths);
  const removed: Removed[] = [];
  for (const { key, what, prepared } of roots) {
    if (wanted.has(key) || (prepared && underneath.includes(prepared.identity))) continue;
    progress.step(`looking at ${what}`);
    let bytes = 0;
    const inUse = roots.some((other) => wanted.has(other.key) && other.prepared?.imageId === prepared?.imageId);
    for (const engine of prepared?.imageId && !inUse ? maker.engines : []) {
      if (key.includes(`.${engine.name}`) && prepared) bytes += (await engine.discard?.(prepared, dryRun, gone)) ?? 0;
    }
    const own = await removeUnlessMade(maker, key, dryRun);
    if (own !== undefined) removed.push({ what: prepared ? `root ${what}` : `interrupted work on ${what}`, bytes: bytes + own });
  }
  return removed;
}

/** Undefined for a root that is being made at this moment. */
async function removeUnlessMade({ paths }: PodMaker, key: string, dryRun: boolean): Promise<number | undefined> {
  try {
    return await removeRoot(paths, key, dryRun);
  } catch (error) {
    if (error instanceof QpodError && key.endsWith(".work")) return undefined;
    throw error;
  }
}
