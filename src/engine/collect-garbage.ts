import { runtimeLayout } from "../launch/layout.ts";
import type { PodMaker } from "./bound-pods.ts";
import { findBound } from "./find-bound.ts";
import type { GarbageOptions, Removed } from "./garbage.ts";
import { removeCaches } from "./garbage-caches.ts";
import { removePods } from "./garbage-pods.ts";
import { removeRoots, wantedRoots } from "./garbage-roots.ts";
import { listRunning } from "./pods.ts";

/**
 * Removes pods that are no longer bound and idle, roots that no environment defines with the images that qpod fetched or
 * made for them, and what interrupted work left. A pod in which a command still runs is left alone, and so is the root it
 * stands on.
 */
export async function collectGarbage(maker: PodMaker, options: GarbageOptions): Promise<Removed[]> {
  const { bound } = await findBound(maker);
  const pods = bound.flatMap(({ rules }) => rules.map(({ pod }) => pod));
  // Whatever cannot be told is found out before anything is removed.
  const wanted = await wantedRoots(maker, pods);
  const busy = listRunning(runtimeLayout(maker.paths.runtime)).filter(({ commands }) => commands.length > 0);
  const { removed, gone } = await removePods(maker, pods, new Set(busy.map(({ id }) => id)), options);
  removed.push(...(await removeRoots(maker, wanted, { busy, gone }, options)));
  for (const engine of maker.engines) removed.push(...((await engine.sweep?.(options.dryRun)) ?? []));
  removed.push(...(await removeCaches(maker, options)));
  return removed;
}
