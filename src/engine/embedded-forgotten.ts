import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { type FirstProcess, HOLD_NAME, readStartTime } from "../launch/first-process.ts";

/**
 * First processes of pods on these layers that no entry names any more, because the runtime folder was emptied, and in
 * whose pods nothing runs. Nobody can find them again, and each holds the mounts of its pod for as long as it lives.
 * @param layers the folder that holds every pod's layer.
 * @param known pids of the first processes that entries name.
 */
export function findForgotten(layers: string, known: ReadonlySet<number>): FirstProcess[] {
  const processes = readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map((name) => ({ pid: Number(name), namespace: look(() => readlinkSync(`/proc/${name}/ns/mnt`)) }));
  const holders = processes.filter(({ pid }) => !known.has(pid) && standsOn(pid, layers));
  return holders.flatMap(({ pid, namespace }) => {
    const startTime = readStartTime(pid);
    const isIdle = namespace !== undefined && !processes.some((other) => other.pid !== pid && other.namespace === namespace);
    return startTime !== undefined && isIdle ? [{ pid, startTime }] : [];
  });
}

function standsOn(pid: number, layers: string): boolean {
  if (look(() => readFileSync(`/proc/${pid}/comm`, "utf8"))?.trim() !== HOLD_NAME) return false;
  const root = look(() => readFileSync(`/proc/${pid}/mountinfo`, "utf8"))
    ?.split("\n")
    .find((line) => line.split(" ")[4] === "/");
  return root?.includes(`upperdir=${escapeMount(layers)}/`) ?? false;
}

/** As the kernel writes paths into lists of mounts. */
function escapeMount(path: string): string {
  return path.replaceAll(/[ \t\n\\]/g, (character) => `\\${character.charCodeAt(0).toString(8).padStart(3, "0")}`);
}

/** Undefined for processes of others, and for those that have ended meanwhile. */
function look(read: () => string): string | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
