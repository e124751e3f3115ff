import { replaceFile } from "../base/files.ts";
import { withLock } from "../base/lock.ts";
import type { Paths } from "../base/paths.ts";
import type { Progress } from "../base/progress.ts";
import { type FirstProcess, isAlive } from "../launch/first-process.ts";
import { runtimeLayout } from "../launch/layout.ts";
import { encodeOperations } from "../launch/operations.ts";
import type { User } from "../launch/user.ts";
import type { Engine, Pod } from "./engine.ts";
import { entryOperations } from "./entry.ts";
import { readPodEntry } from "./pod-files.ts";

/** For whom a pod is started, and where what is noted of it goes. */
export interface Starter {
  paths: Paths;
  user: User;
}

/** What it takes of an engine to start a pod that was planned to the end. */
export type StartingEngine = Pick<Engine, "startList" | "start" | "joins" | "server">;

/** Starts a pod whose engine needs Node, unless it is up, and writes its entry. */
export async function startWithEngine(starter: Starter, engine: StartingEngine, pod: Pod, progress: Progress): Promise<void> {
  if (engine.startList) return;
  const layout = runtimeLayout(starter.paths.runtime);
  await withLock(
    `${layout.lock(pod.id)}.engine`,
    async () => {
      const entry = readPodEntry(layout, pod.id);
      const first = entry && isAlive(entry) ? entry : await engine.start(pod, progress);
      writeEntry(starter, engine, pod, first);
    },
    { what: `the pod ${pod.id}`, timeout: 600_000 },
  );
}

function writeEntry(starter: Starter, engine: StartingEngine, pod: Pod, first: FirstProcess): void {
  const [head, ...rest] = entryOperations(pod, engine.joins(pod), starter.user, engine.server?.(pod.id));
  if (!head) return;
  const numbers = [BigInt(first.pid), first.startTime, pod.definition, first.serves ?? 0n];
  replaceFile(runtimeLayout(starter.paths.runtime).entry(pod.id), encodeOperations([{ ...head, numbers }, ...rest]));
}
