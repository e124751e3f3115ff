import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import type { Sandbox } from "../support/sandbox.ts";
import { hasPodman } from "../support/sandbox-podman.ts";

/** What a sandbox holds of the machine at a moment. */
export interface Holdings {
  /** Processes that know of the sandbox by their words, variables or working directory. */
  processes: number;
  /** Mount namespaces in which something of the sandbox is mounted. */
  namespaces: number;
  /** Mounts of it in the namespace that everybody shares. */
  mounts: number;
  /** Descriptors of the session's shell. */
  descriptors: number;
  /** Files and folders in the runtime folder, and in the data folder but for what pods wrote. */
  files: readonly string[];
  /** Containers of podman's, each of which has one of its locks. */
  locks: number;
}

export async function countHoldings(sandbox: Sandbox): Promise<Holdings> {
  const descriptors = Number(await sandbox.say("ls /proc/$PPID/fd | wc -l"));
  const mine = new Set<number>();
  const namespaces = new Set<string>();
  for (const pid of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
    if (Number(pid) === process.pid) continue;
    const known = ["cmdline", "environ"].some((file) => read(`/proc/${pid}/${file}`).includes(sandbox.folder));
    if (known || link(`/proc/${pid}/cwd`).startsWith(sandbox.folder)) mine.add(Number(pid));
    if (read(`/proc/${pid}/mountinfo`).includes(sandbox.folder)) namespaces.add(link(`/proc/${pid}/ns/mnt`));
  }
  namespaces.delete(link("/proc/self/ns/mnt"));
  return {
    processes: mine.size,
    namespaces: namespaces.size,
    mounts: read("/proc/self/mountinfo")
      .split("\n")
      .filter((line) => line.includes(sandbox.folder)).length,
    descriptors,
    files: listFiles(sandbox),
    locks: sandbox.engine === "podman" && hasPodman() ? countContainers(sandbox) : 0,
  };
}

/** What there is more of than before; empty when nothing was left behind. */
export function findLeaks(before: Holdings, after: Holdings): string[] {
  const files = after.files.filter((file) => !before.files.includes(file));
  const counts = (["processes", "namespaces", "mounts", "descriptors", "locks"] as const).flatMap((key) =>
    after[key] > before[key] ? [`${key}: ${after[key]}, before ${before[key]}`] : [],
  );
  return files.length > 0 ? [...counts, `${files.length} files, such as ${files[0]}`] : counts;
}

function listFiles(sandbox: Sandbox): string[] {
  const list = (folder: string | undefined) => readdirSync(`${folder}/qpod`, { recursive: true, encoding: "utf8" });
  // A root tree that was unpacked is kept, and so is what was written into a pod.
  const own = list(sandbox.env.XDG_DATA_HOME).filter((path) => !/^(roots\/[^/]+\/tree|layers\/[^/]+|homes\/[^/]+)(\/|$)/.test(path));
  // A pod that was made anew has another id.
  return [...list(sandbox.env.XDG_RUNTIME_DIR), ...own].map((path) => path.replace(/-[0-9a-f]{12}\./, "-ID."));
}

function countContainers(sandbox: Sandbox): number {
  const { stdout } = sandbox.run(["podman", "ps", "--all", "--quiet"], { cwd: "/" });
  return stdout.split("\n").filter(Boolean).length;
}

function read(path: string): string {
  try {
    return readFileSync(path, "latin1");
  } catch {
    return "";
  }
}

function link(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return "";
  }
}
