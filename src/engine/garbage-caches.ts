import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { listEnvironments, loadEnvironment } from "../config/find.ts";
import { debsFolder, debsName } from "../image/debs.ts";
import { listRoots, measure, removeFolders } from "../image/store.ts";
import { isCallerAlive } from "../launch/caller.ts";
import type { PodMaker } from "./bound-pods.ts";
import type { GarbageOptions, Removed } from "./garbage.ts";

/** Removes packages of releases that no environment is bootstrapped from, and what killed pulls have left. */
export async function removeCaches(maker: PodMaker, { dryRun, cache, progress }: GarbageOptions): Promise<Removed[]> {
  const { data } = maker.paths;
  const releases = await neededReleases(maker);
  // A bootstrap that is at work, or a crash that looks like one, has its packages there.
  const working = listRoots(maker.paths).some(({ prepared, key }) => !prepared && key.startsWith("bootstrap-"));
  const debs = list(debsFolder(maker.paths)).filter((name) => !working && (cache || !releases.has(name)));
  const pulls = list(data).filter((name) => isForgottenPull(data, name));
  const found = [
    ...debs.map((name) => ({ folder: join(debsFolder(maker.paths), name), what: `packages of ${name.replace("-", " ")}` })),
    ...pulls.map((name) => ({ folder: join(data, name), what: "an interrupted pull" })),
  ];
  const removed: Removed[] = [];
  for (const { folder, what } of found) {
    progress.step(`looking at ${what}`);
    removed.push({ what, bytes: await measure(folder) });
    if (!dryRun) await removeFolders(folder);
  }
  return removed;
}

async function neededReleases({ paths }: PodMaker): Promise<Set<string>> {
  const environments = await Promise.all((await listEnvironments(paths)).map(({ name }) => loadEnvironment(name, paths)));
  return new Set(environments.flatMap(({ root }) => (root.kind === "bootstrap" ? [debsName(root)] : [])));
}

const DAY = 86_400_000;

/** pull-PID.STARTTIME-XXXXXX; older versions named nobody, and no pull takes a day. */
function isForgottenPull(data: string, name: string): boolean {
  const [, caller] = /^pull-(?:(\d+\.\d+)-)?[^-]+$/.exec(name) ?? [];
  if (!name.startsWith("pull-")) return false;
  return caller ? !isCallerAlive(caller) : Date.now() - statSync(join(data, name)).mtimeMs > DAY;
}

function list(folder: string): string[] {
  return existsSync(folder) ? readdirSync(folder) : [];
}
