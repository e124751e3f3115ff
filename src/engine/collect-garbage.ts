import { existsSync, readdirSync, unlinkSync } from "node:fs";
import { join } from "node:path";
import type { Progress } from "../base/progress.ts";
import { engineNames } from "../config/environment.ts";
import { listEnvironments, loadEnvironment } from "../config/find.ts";
import { listRoots, removeRoot, storeKey } from "../image/store.ts";
import { isAlive } from "../launch/first-process.ts";
import { runtimeLayout } from "../launch/layout.ts";
import type { PodMaker } from "./bound-pods.ts";
import type { Engine } from "./engine.ts";
import { findBound } from "./find-bound.ts";
import { readPodEntry } from "./pod-files.ts";
import { listPodIds, listRunning, readFacts } from "./pods.ts";

export interface Removed {
  what: string;
  bytes: number;
}

/**
 * Removes pods that are no longer bound and idle, and roots that no environment defines. A pod in which a command
 * still runs is left alone, and so is the root it stands on.
 */
export async function collectGarbage(maker: PodMaker, dryRun: boolean, progress: Progress): Promise<Removed[]> {
  const { bound } = await findBound(maker);
  const wanted = new Set(bound.flatMap(({ rules }) => rules.map(({ pod }) => pod.id)));
  const running = listRunning(runtimeLayout(maker.paths.runtime));
  const busy = new Set(running.filter((pod) => pod.commands.length > 0).map((pod) => pod.id));
  const removed: Removed[] = [];
  for (const id of await knownPods(maker)) {
    if (wanted.has(id) || busy.has(id)) continue;
    progress.step(`looking at ${id}`);
    const engines = enginesOf(maker, id);
    const sizes = await Promise.all(engines.map((engine) => engine.measure(id)));
    const bytes = sizes.reduce((sum, size) => sum + size, 0);
    if (!dryRun) await removePod(maker, engines, id);
    // A mere record of a pod that never was is not worth a line.
    if (bytes > 0) removed.push({ what: `pod ${id}`, bytes });
  }
  const keys = await wantedRoots(maker);
  for (const root of listRoots(maker.paths)) {
    if (keys.has(root.key) || busy.size > 0) continue;
    progress.step(`removing ${root.what}`);
    removed.push({ what: `root ${root.what}`, bytes: await root.size() });
    if (!dryRun) await removeRoot(maker.paths, root.key);
  }
  return removed;
}

async function knownPods({ paths, engines }: PodMaker): Promise<Set<string>> {
  const folder = (name: string) => (existsSync(join(paths.data, name)) ? readdirSync(join(paths.data, name)) : []);
  const listed = await Promise.all(engines.map((engine) => engine.list()));
  const layout = runtimeLayout(paths.runtime);
  // Pods that were planned under another HOME are not ours to judge: our registry does not know them.
  const noted = listPodIds(layout).filter((id) => readFacts(layout, id)?.data === paths.data);
  return new Set([...folder("layers"), ...folder("homes"), ...noted, ...listed.flat().map(({ id }) => id)]);
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

/** Every environment that is defined keeps its root, bound or not: fetching it again may be impossible. */
async function wantedRoots({ paths }: PodMaker): Promise<Set<string>> {
  const keys = new Set<string>();
  for (const { name } of await listEnvironments(paths)) {
    // One that cannot be read has an unknown root: then nothing can be told apart, and the error is the answer.
    const environment = await loadEnvironment(name, paths);
    for (const engine of engineNames) keys.add(storeKey(environment, engine));
  }
  return keys;
}
