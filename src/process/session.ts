import { existsSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { SESSION_LIBRARY } from "../launch/layout.ts";

/**
 * The launcher of the session that this process is in, or undefined. What is started in a session follows it, whoever
 * starts it: our launcher is static, so that the session's library would not see what it execs.
 */
export function findSessionLauncher(preload = process.env.LD_PRELOAD): string | undefined {
  if (!preload) return undefined;
  const library = preload.split(/[ :]/).find((path) => basename(path) === SESSION_LIBRARY);
  if (!library) return undefined;
  const launch = join(dirname(dirname(library)), "launch");
  return existsSync(launch) ? launch : undefined;
}
