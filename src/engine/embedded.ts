import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { QpodError } from "../base/errors.ts";
import type { Paths } from "../base/paths.ts";
import { type FirstProcess, isAlive, signalFirst } from "../launch/first-process.ts";
import { runtimeLayout } from "../launch/layout.ts";
import { invokingUser } from "../launch/user.ts";
import { asNamespaceRoot, readIdMaps } from "../launch/user-namespace.ts";
import { run, runOrFail } from "../process/run.ts";
import { findForgotten } from "./embedded-forgotten.ts";
import { layerOf } from "./embedded-layer.ts";
import { joinsOf, startOperations } from "./embedded-operations.ts";
import type { Assessment, Engine, RunningPod } from "./engine.ts";
import { tryUserNamespace } from "./host-namespaces.ts";
import { overlayWorks } from "./host-overlay.ts";
import { thisHost } from "./host-view.ts";
import { homeFolderOf } from "./mounts.ts";
import { readPodEntry } from "./pod-files.ts";
import { listPodIds } from "./pods.ts";

/** Milliseconds that a first process has to end by itself; it does nothing but wait for the signal. */
const PATIENCE = 1000;

/** The engine that needs nothing installed: namespaces made by the launcher, changes kept in an overlay. */
export function embeddedEngine(paths: Paths): Engine {
  const layout = runtimeLayout(paths.runtime);
  let assessed: Promise<Assessment> | undefined;

  return {
    name: "embedded",
    assess(environment) {
      if (environment.root.kind === "containerfile") {
        return Promise.resolve({ able: false, reason: "a containerfile must be built by podman", remedy: "Install podman." });
      }
      assessed ??= assessHost();
      return assessed;
    },
    async prepare(environment, progress, renew) {
      const { prepareTree } = await import("../image/prepare.ts");
      return prepareTree(paths, environment, progress, renew);
    },
    startList(pod) {
      return startOperations(pod, { paths, user: invokingUser(), maps: readIdMaps(), entryFile: layout.entry(pod.id) });
    },
    start() {
      throw new QpodError({ fact: "embedded pods are started by the launcher" });
    },
    joins: () => joinsOf(readIdMaps()),
    async stop(id) {
      const pod = readPodEntry(layout, id);
      if (pod) await end(pod);
    },
    async list() {
      const ids = existsSync(layerRoot(paths)) ? readdirSync(layerRoot(paths)) : [];
      return ids.flatMap((id): RunningPod[] => {
        const first = readPodEntry(layout, id);
        return first && isAlive(first) ? [{ id, pid: first.pid, startTime: first.startTime }] : [];
      });
    },
    async sweep(dryRun) {
      const known = new Set(listPodIds(layout).flatMap((id) => readPodEntry(layout, id)?.pid ?? []));
      const forgotten = findForgotten(layerRoot(paths), known);
      if (!dryRun) for (const first of forgotten) await end(first);
      return forgotten.map(({ pid }) => ({ what: `a pod that its runtime folder has lost (process ${pid})`, bytes: 0 }));
    },
    async measure(id) {
      const folders = foldersOf(id, paths);
      if (folders.length === 0) return 0;
      const { stdout } = await run(asNamespaceRoot(["du", "-scB1", "--", ...folders]));
      return Number.parseInt(stdout.trimEnd().split("\n").at(-1) ?? "", 10) || 0;
    },
    async remove(id) {
      const folders = foldersOf(id, paths);
      if (folders.length > 0) await runOrFail(asNamespaceRoot(["rm", "-rf", "--one-file-system", "--", ...folders]));
    },
  };
}

function foldersOf(id: string, paths: Paths): string[] {
  return [layerOf(id, paths).folder, homeFolderOf(id, paths)].filter(existsSync);
}

/** Gone when this returns: a command that came meanwhile would enter a pod that is about to lose its holder. */
async function end(pod: FirstProcess): Promise<void> {
  for (let i = 0; signalFirst(pod, i < PATIENCE ? "SIGTERM" : "SIGKILL"); i++) await setTimeout(1);
}

function layerRoot(paths: Paths): string {
  return join(paths.data, "layers");
}

async function assessHost(): Promise<Assessment> {
  const host = thisHost();
  if (!overlayWorks(host)) {
    return {
      able: false,
      reason: "this kernel does not let you mount an overlay",
      remedy: "Run Linux 5.11 or newer, or use podman (`engine: podman`).",
    };
  }
  if (host.uid === 0) return { able: true, reason: "root makes namespaces without a user namespace" };
  const namespaces = await tryUserNamespace(host);
  if (namespaces.state === "problem") {
    return { able: false, reason: `user namespaces: ${namespaces.fact}`, ...(namespaces.remedy ? { remedy: namespaces.remedy } : {}) };
  }
  const maps = readIdMaps();
  return {
    able: true,
    reason:
      maps.ownership === "subordinate" ? "user namespaces with subordinate ids" : `user namespaces with your id alone (${maps.reason})`,
  };
}
