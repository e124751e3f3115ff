import { chmodSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { QpodError } from "../base/errors.ts";
import { readIfThere } from "../base/files.ts";
import { type FirstProcess, readStartTime } from "../launch/first-process.ts";
import type { User } from "../launch/user.ts";
import { userLines } from "./container-users.ts";
import type { PodMount } from "./mounts.ts";

/** Names that native/launcher/serve/attend.c knows too. */
const INSIDE = "/.qpod/serve";
const PATIENCE = 20_000;

/** How a member of the engine's group gets into a container of root's: its first process attends to them. */
export interface Attendance {
  /** A private folder of the user's that the container sees. */
  folder: string;
  mount: PodMount;
  /** What the first process is told to do. */
  job: string[];
}

/** Makes the folder, without what an earlier first process wrote. */
export function prepareAttendance(folder: string, user: User, group: number, mounts: readonly PodMount[], lends: boolean): Attendance {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  // Its files show who may ask; a folder that is there already may have been made under another umask.
  chmodSync(folder, 0o700);
  rmSync(join(folder, "first"), { force: true });
  if (lends) rmSync(join(folder, "lend-nothing"), { force: true });
  else writeFileSync(join(folder, "lend-nothing"), "");
  const lines = userLines(user, mounts).flatMap(({ path, key, line }) => [path, key, line]);
  return {
    folder,
    mount: { source: folder, target: INSIDE, readOnly: false, optional: false, kind: "system" },
    job: ["attend", ...[user.uid, user.gid, group].map(String), ...lines],
  };
}

export function socketOf(folder: string): string {
  return join(folder, "socket");
}

/**
 * The pod's first process, by the word of the container's: the one that lends its namespaces to the user, or the
 * container's own, which serves.
 * @throws QpodError when the container ends before it says so.
 */
export async function waitForFirst(folder: string, pid: number, name: string): Promise<FirstProcess> {
  const deadline = performance.now() + PATIENCE;
  while (performance.now() < deadline && readStartTime(pid) !== undefined) {
    const note = readIfThere(join(folder, "first"));
    if (note !== undefined) return parseNote(note);
    await setTimeout(1);
  }
  throw new QpodError({
    fact: `the first process of ${name} does not attend to you`,
    remedy: `It writes into ${folder}, which the daemon must be able to: set XDG_RUNTIME_DIR to a folder of this machine.`,
  });
}

/** `PID STARTTIME NAMESPACE WHY`; the namespace is 0 when it may be joined. */
export function parseNote(note: string): FirstProcess {
  const [pid = "", startTime = "", serves = ""] = note.split(" ");
  return { pid: Number(pid), startTime: BigInt(startTime), ...(serves === "0" ? {} : { serves: BigInt(serves) }) };
}
