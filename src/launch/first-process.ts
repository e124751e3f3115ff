import { readFileSync } from "node:fs";
import { setTimeout } from "node:timers/promises";

/** A process that holds a pod's namespaces. */
export interface FirstProcess {
  pid: number;
  /** Clock ticks since boot, field 22 of /proc/PID/stat: with the pid it names one process for ever. */
  startTime: bigint;
  /** Inode of the mount namespace that commands run in, where it cannot be joined and the pod's own process serves them. */
  serves?: bigint;
}

/**
 * When the process started, in clock ticks since boot; undefined when there is none, or only a zombie,
 * whose namespaces are gone.
 */
export function readStartTime(pid: number): bigint | undefined {
  const stat = readOf(pid, "stat");
  return stat === undefined ? undefined : parseStartTime(stat);
}

/** A file of the process's; undefined when it has ended, or does so meanwhile. */
function readOf(pid: number, file: string): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/${file}`, "latin1");
  } catch {
    return undefined;
  }
}

/** Field 22. The second field is the program's name in parentheses, which may itself hold spaces and parentheses. */
export function parseStartTime(stat: string): bigint | undefined {
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const state = fields[0];
  const start = fields[19];
  if (state === "Z" || state === "X" || !start || !/^\d+$/.test(start)) return undefined;
  return BigInt(start);
}

/** What the launcher calls a first process once its namespaces can be joined; HOLD_NAME of native/launcher/base/first_process.h. */
export const HOLD_NAME = "qpod-hold";
/** Milliseconds that a first process has to get ready: two system calls and three short files. */
const PATIENCE = 10_000;

/** Waits until a first process that somebody else started holds what it is to hold; false when it ends before. */
export async function waitUntilItHolds(pid: number): Promise<boolean> {
  const deadline = performance.now() + PATIENCE;
  while (performance.now() < deadline) {
    if (readStartTime(pid) === undefined) return false;
    if (readOf(pid, "comm")?.trim() === HOLD_NAME) return true;
    await setTimeout(1);
  }
  return false;
}

/** The pid alone proves nothing: it may belong to another process by now. */
export function isAlive(first: FirstProcess): boolean {
  return readStartTime(first.pid) === first.startTime;
}

/** Sends a signal; false when the process has ended, which it may do between our look and the signal. */
export function signalFirst(first: FirstProcess, signal: NodeJS.Signals, send: typeof process.kill = process.kill): boolean {
  if (!isAlive(first)) return false;
  try {
    return send(first.pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ESRCH") return false;
    throw error;
  }
}
