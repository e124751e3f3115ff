import { existsSync, mkdirSync } from "node:fs";
import { QpodError } from "../base/errors.ts";
import type { Pod } from "./engine.ts";
import type { PodMount } from "./mounts.ts";

/**
 * All that is bound into a pod's container, less what is missing and may be. An engine would say "statfs: no such
 * file"; the definition's place says more.
 */
export function presentMounts(pod: Pod, mounts: readonly PodMount[]): PodMount[] {
  return [...systemFiles(mounts), ...mounts].filter((mount) => {
    if (mount.kind === "home") mkdirSync(mount.source, { recursive: true, mode: 0o700 });
    if (existsSync(mount.source)) return true;
    if (mount.optional) return false;
    throw new QpodError({
      fact: `${mount.source}, which environment ${pod.environment.name} mounts, does not exist`,
      place: mount.kind === "user" ? pod.environment.place : undefined,
      remedy: mount.kind === "user" ? "Make it, or remove the mount from the environment." : undefined,
    });
  });
}

/** The network is the host's, and so are names and time; engines would bring copies of some. */
function systemFiles(mounts: readonly PodMount[]): PodMount[] {
  return ["/etc/resolv.conf", "/etc/hosts", "/etc/localtime"]
    .filter((path) => !mounts.some(({ target }) => target === path))
    .map((path) => ({ source: path, target: path, readOnly: true, optional: true, kind: "system" }));
}
