import { existsSync, readdirSync, readFileSync, readlinkSync } from "node:fs";
import type { EngineName } from "../config/environment.ts";
import { isAlive } from "../launch/first-process.ts";
import type { RuntimeLayout } from "../launch/layout.ts";
import type { Pod } from "./engine.ts";
import { readPodEntry } from "./pod-files.ts";

/** A pod that is up, by the files of the runtime folder. */
export interface PodState {
  id: string;
  environment: string;
  worktree: string;
  engine: EngineName | undefined;
  pid: number;
  commands: { pid: number; command: string }[];
}

/** What is noted of a pod when it is planned. */
export interface PodFacts {
  id: string;
  worktree: string;
  environment: string;
  engine?: EngineName | undefined;
  /** The data folder it was planned with: the runtime folder may serve more than one HOME. */
  data?: string;
  /** All of it, once its root is at hand: then it can be started without reading any configuration. */
  pod?: Omit<Pod, "definition"> & { definition: string };
}

/** What was noted of a pod when it was planned. */
export function readFacts(layout: RuntimeLayout, id: string): PodFacts | undefined {
  try {
    return JSON.parse(readFileSync(layout.facts(id), "utf8")) as PodFacts;
  } catch {
    return undefined;
  }
}

/** Ids that have any file in the runtime folder. */
export function listPodIds(layout: RuntimeLayout): string[] {
  const names = existsSync(layout.pods) ? readdirSync(layout.pods) : [];
  return [...new Set(names.flatMap((name) => /^(.+)\.(entry|start|json)$/.exec(name)?.[1] ?? []))].sort();
}

/** Pods that are up, with what runs in them: processes in the same mount namespace as the first one. */
export function listRunning(layout: RuntimeLayout): PodState[] {
  const processes = listProcesses();
  return listPodIds(layout).flatMap((id) => {
    const first = readPodEntry(layout, id);
    if (!first || !isAlive(first)) return [];
    const facts = readFacts(layout, id);
    const namespace = first.serves ? `mnt:[${first.serves}]` : mountNamespace(first.pid);
    const commands = processes.filter((one) => one.pid !== first.pid && one.namespace === namespace && namespace !== undefined);
    return [
      {
        id,
        environment: facts?.environment ?? "?",
        worktree: facts?.worktree ?? "?",
        engine: facts?.engine,
        pid: first.pid,
        commands: commands.map(({ pid }) => ({ pid, command: commandLine(pid) })),
      },
    ];
  });
}

function listProcesses(): { pid: number; namespace: string | undefined }[] {
  const pids = readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
  return pids.map((pid) => ({ pid, namespace: mountNamespace(pid) }));
}

/** Undefined for processes of others, which are not in our pods either. */
function mountNamespace(pid: number): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/ns/mnt`);
  } catch {
    return undefined;
  }
}

function commandLine(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").replace(/\0$/, "").replaceAll("\0", " ");
  } catch {
    return "";
  }
}
