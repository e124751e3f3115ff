import { accessSync, constants, readFileSync } from "node:fs";
import { cpus, release } from "node:os";
import { join } from "node:path";

export interface HostFacts {
  date: string;
  /** The number alone: what a distributor adds may name a host. */
  kernel: string;
  cores: number;
  processor: string;
  node: string;
  /** Work that others gave the machine as the bench began. */
  load: number;
}

export function describeHost(now: Date): HostFacts {
  return {
    date: now.toISOString().slice(0, 10),
    kernel: /^[0-9.]+/.exec(release())?.[0] ?? "unknown",
    cores: cpus().length,
    processor: cpus()[0]?.model ?? "unknown",
    node: process.versions.node,
    load: Number(readFileSync("/proc/loadavg", "utf8").split(" ")[0]),
  };
}

/** The path of a host's program, or undefined. */
export function findTool(name: string): string | undefined {
  const folders = [...(process.env.PATH ?? "").split(":"), "/usr/sbin", "/sbin"];
  return folders
    .filter(Boolean)
    .map((folder) => join(folder, name))
    .find((path) => {
      try {
        accessSync(path, constants.X_OK);
        return true;
      } catch {
        return false;
      }
    });
}

export interface BenchUser {
  name: string;
  uid: number;
  gid: number;
}

/** The ordinary user to measure as beside root: QPOD_BENCH_USER, else the first that has subordinate ids. */
export function findOrdinaryUser(): BenchUser | undefined {
  const lines = (file: string) =>
    readFileSync(file, "utf8")
      .split("\n")
      .map((line) => line.split(":"));
  try {
    const wanted = process.env.QPOD_BENCH_USER ? [process.env.QPOD_BENCH_USER] : lines("/etc/subuid").map(([name]) => name);
    const user = lines("/etc/passwd").find(([name, , uid]) => wanted.includes(name) && Number(uid) >= 1000);
    return user ? { name: user[0] ?? "", uid: Number(user[2]), gid: Number(user[3]) } : undefined;
  } catch {
    return undefined;
  }
}
