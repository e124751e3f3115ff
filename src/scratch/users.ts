import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { type Scratch, storeOf } from "./scratch.ts";

/** Processes that see the folder with the changes; `holders` only keep a pod's namespaces. */
export function findUsers(scratch: Scratch): { commands: number[]; holders: number[] } {
  const users = { commands: [] as number[], holders: [] as number[] };
  for (const pid of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
    if (!sees(pid, scratch)) continue;
    (readOf(pid, "comm").trim() === "qpod-hold" ? users.holders : users.commands).push(Number(pid));
  }
  return users;
}

function sees(pid: string, scratch: Scratch): boolean {
  const { upper, merged } = storeOf(scratch);
  // Shown in the folder's place, or as the root.
  if (scratch.way === "proot") return [`\0${merged}:`, `\0-r\0${merged}\0`].some((words) => readOf(pid, "cmdline").includes(words));
  if (scratch.way === "chroot") return rootOf(pid) === merged;
  // The kernel writes spaces as \040 and overlay's own backslashes as \134.
  const mounts = readOf(pid, "mountinfo").replaceAll(/\\([0-7]{3})/g, (_, digits: string) =>
    String.fromCharCode(Number.parseInt(digits, 8)),
  );
  if (scratch.way === "overlay") return mounts.replaceAll("\\", "").includes(`upperdir=${upper.replaceAll("\\", "")},`);
  // A bind mount's source is told as its filesystem names it, which need not begin where we do.
  return mounts.includes(`${merged.slice(merged.lastIndexOf(`/${scratch.name}/`))} `);
}

function rootOf(pid: string): string {
  try {
    return readlinkSync(`/proc/${pid}/root`);
  } catch {
    return "";
  }
}

/** Nothing of a process that has ended, or is somebody else's. */
function readOf(pid: string, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, "utf8");
  } catch {
    return "";
  }
}
