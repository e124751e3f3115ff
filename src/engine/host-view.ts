import { accessSync, constants, existsSync, readFileSync, statSync } from "node:fs";
import { userInfo } from "node:os";
import { join } from "node:path";

/** What one probe found out about this host. */
export interface HostFact {
  name: string;
  state: "ok" | "worked around" | "problem";
  fact: string;
  remedy?: string;
}

/** The host as probes look at it; tests put another one in its place. */
export interface HostView {
  uid: number;
  user: string;
  env: Record<string, string | undefined>;
  /** The file's text; undefined when it is missing or may not be read. */
  read(path: string): string | undefined;
  exists(path: string): boolean;
  /** Full path of a program; also looks where an ordinary user's PATH often does not. */
  program(name: string): string | undefined;
}

/** runc and newuidmap may live in folders that an ordinary user's PATH leaves out. */
const moreFolders = ["/usr/local/sbin", "/usr/sbin", "/sbin", "/usr/local/bin", "/usr/bin", "/bin"];

export function thisHost(env: HostView["env"] = process.env): HostView {
  return {
    uid: process.getuid?.() ?? 0,
    user: userName(env),
    env,
    read(path) {
      try {
        return readFileSync(path, "utf8");
      } catch {
        return undefined;
      }
    },
    exists: existsSync,
    program(name) {
      const folders = [...(env.PATH ?? "").split(":").filter((folder) => folder.startsWith("/")), ...moreFolders];
      return folders.map((folder) => join(folder, name)).find(isProgram);
    },
  };
}

/** Whether there is a file that can be executed. */
export function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

/** A uid without an entry in the user database is possible, and then userInfo throws. */
function userName(env: HostView["env"]): string {
  try {
    return userInfo().username;
  } catch {
    return env.USER ?? String(process.getuid?.() ?? 0);
  }
}

/** A number in a file such as those of /proc/sys. */
export function readNumber(host: HostView, path: string): number | undefined {
  const text = host.read(path)?.trim();
  return text && /^\d+$/.test(text) ? Number(text) : undefined;
}
