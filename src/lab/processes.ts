import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import type { Place } from "./place.ts";

export interface LabProcess {
  host: string;
  /** As the system counts, and as the lab does. */
  pid: number;
  inside: number;
  command: string;
}

/** What runs in a lab, besides the processes that hold it. */
export function listProcesses({ lab, hosts }: Place): LabProcess[] {
  const space = readProcess(lab.pid)?.space;
  const all = readdirSync("/proc").flatMap((name) => (/^\d+$/.test(name) ? (readProcess(Number(name)) ?? []) : []));
  const within = all.filter((one) => space !== undefined && one.space === space && one.pid !== lab.pid);
  const held = new Set([...hosts.values()].map(({ pid }) => pid));
  const networks = new Map([...hosts].map(([name, { pid }]) => [within.find((one) => one.inside === pid)?.network, name]));
  return within
    .filter((one) => !held.has(one.inside))
    .map(({ pid, inside, command, network }) => ({ host: networks.get(network) ?? "?", pid, inside, command }));
}

/** Undefined for one that has ended meanwhile, or that is not ours to look at. */
function readProcess(pid: number) {
  try {
    const [space, network] = ["pid", "net"].map((kind) => readlinkSync(`/proc/${pid}/ns/${kind}`));
    const status = readFileSync(`/proc/${pid}/status`, "latin1");
    const inside = Number(/^NSpid:.*?(\d+)$/m.exec(status)?.[1] ?? pid);
    const command = readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ").trim();
    return { pid, space, network, inside, command };
  } catch {
    return undefined;
  }
}
