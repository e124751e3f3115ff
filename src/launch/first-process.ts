import { readFileSync } from "node:fs";

/** A process that holds a pod's namespaces. */
export interface FirstProcess {
  pid: number;
  /** Clock ticks since boot, field 22 of /proc/PID/stat: with the pid it names one process for ever. */
  startTime: bigint;
}

/**
 * When the process started, in clock ticks since boot; undefined when there is none, or only a zombie,
 * whose namespaces are gone.
 */
export function readStartTime(pid: number): bigint | undefined {
  let stat: string;
  try {
    stat = readFileSync(`/proc/${pid}/stat`, "latin1");
  } catch {
    return undefined;
  }
  return parseStartTime(stat);
}

/** Field 22. The second field is the program's name in parentheses, which may itself hold spaces and parentheses. */
export function parseStartTime(stat: string): bigint | undefined {
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const state = fields[0];
  const start = fields[19];
  if (state === "Z" || state === "X" || !start || !/^\d+$/.test(start)) return undefined;
  return BigInt(start);
}

/** The pid alone proves nothing: it may belong to another process by now. */
export function isAlive(first: FirstProcess): boolean {
  return readStartTime(first.pid) === first.startTime;
}
