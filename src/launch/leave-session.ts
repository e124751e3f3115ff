import { join } from "node:path";

/**
 * qpod's own children (tar, ar, podman) must not be redirected when qpod is called in a session: the program in
 * front has taken the preload library out, this takes the shims out of PATH.
 */
export function leaveSession(env: NodeJS.ProcessEnv, runtime: string): void {
  const shims = join(runtime, "shims");
  env.PATH = (env.PATH ?? "")
    .split(":")
    .filter((folder) => folder !== shims)
    .join(":");
}
