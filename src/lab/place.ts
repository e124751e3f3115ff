import type { FirstProcess } from "../launch/first-process.ts";
import { nativeFile } from "../launch/locate.ts";

/** Where a lab is: all that entering one of its hosts needs. */
export interface Place {
  lab: FirstProcess;
  inUsers: boolean;
  /** By name; their pids are those of the lab's own pid namespace. */
  hosts: ReadonlyMap<string, FirstProcess>;
}

/** In place of a host's name: around all hosts, where switches are. */
export const OUTSIDE = "";

/**
 * What to put in front of a command's words, so that it runs in the host. A folder with a question mark may be missing there.
 * A shell has jobs of its own in the terminal; other commands only where nobody else has it.
 */
export function enterWords({ lab, inUsers, hosts }: Place, host: string, folder: string, kind: "enter" | "shell" = "enter"): string[] {
  const process = host === OUTSIDE ? { pid: 1, startTime: lab.startTime } : hosts.get(host);
  const words = [lab.pid, lab.startTime, inUsers ? 1 : 0, process?.pid ?? 0, process?.startTime ?? 0].map(String);
  return [nativeFile("qpod-launch"), `lab-${kind}`, ...words, folder, "--"];
}
