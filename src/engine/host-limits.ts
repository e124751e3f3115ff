import { type HostFact, type HostView, readNumber } from "./host-view.ts";

export interface Limit {
  soft: number;
  hard: number;
}

const CAP_SYS_RESOURCE = 24n;

/** A line of /proc/self/limits; Infinity for `unlimited`. */
export function parseLimit(limits: string, name: string): Limit | undefined {
  const line = limits.split("\n").find((one) => one.startsWith(`${name} `));
  const [soft, hard] = line?.slice(name.length).trim().split(/\s+/) ?? [];
  if (!soft || !hard) return undefined;
  const number = (text: string) => (text === "unlimited" ? Number.POSITIVE_INFINITY : Number(text));
  return { soft: number(soft), hard: number(hard) };
}

/**
 * Values for `--ulimit` that may always be set. podman's defaults ask for more than the present limits, which a
 * container's root without CAP_SYS_RESOURCE may not; and podman lowers its own limit of processes to pid_max first.
 * They hold for the pod's first process alone: a command keeps its caller's.
 */
export function settableLimits(host: HostView): string[] {
  const limits = host.read("/proc/self/limits") ?? "";
  const highest = readNumber(host, "/proc/sys/kernel/pid_max") ?? 32768;
  const files = parseLimit(limits, "Max open files");
  const processes = parseLimit(limits, "Max processes");
  const result: string[] = [];
  if (files && Number.isFinite(files.hard)) result.push(`nofile=${files.soft}:${files.hard}`);
  if (processes) result.push(`nproc=${Math.min(processes.soft, highest)}:${Math.min(processes.hard, highest)}`);
  return result;
}

function mayRaiseLimits(host: HostView): boolean {
  const effective = /^CapEff:\s*([0-9a-f]+)$/m.exec(host.read("/proc/self/status") ?? "")?.[1];
  return effective !== undefined && ((BigInt(`0x${effective}`) >> CAP_SYS_RESOURCE) & 1n) === 1n;
}

export function probeLimits(host: HostView): HostFact {
  const name = "resource limits";
  if (host.uid !== 0) return { name, state: "ok", fact: "pods start with your own limits" };
  if (mayRaiseLimits(host)) return { name, state: "ok", fact: "root may raise limits" };
  return {
    name,
    state: "worked around",
    fact: "root may not raise limits here (no CAP_SYS_RESOURCE), which podman's defaults try; qpod passes the present ones",
  };
}

/** Sharing the host's ipc by `--ipc=host` fails without it; qpod binds all of /dev instead. */
export function probeMessageQueues(host: HostView): HostFact {
  const name = "/dev/mqueue";
  if (host.exists("/dev/mqueue")) return { name, state: "ok", fact: "POSIX message queues are mounted" };
  return { name, state: "worked around", fact: "not mounted, so pods have none either; qpod does not ask podman for it" };
}
