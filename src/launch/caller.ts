import { readStartTime } from "./first-process.ts";

/** This process, for what must be told apart from what a killed one left: "PID.STARTTIME". */
export function nameCaller(): string {
  return `${process.pid}.${readStartTime(process.pid) ?? 0}`;
}

export function isCallerAlive(name: string): boolean {
  const [, pid, startTime] = /^(\d+)\.(\d+)$/.exec(name) ?? [];
  return pid !== undefined && String(readStartTime(Number(pid))) === startTime;
}
