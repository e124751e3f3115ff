import type { User } from "../launch/user.ts";
import { bindOption, containerName, LAUNCHER_INSIDE, label } from "./container-names.ts";
import type { PodMount } from "./mounts.ts";

export interface ContainerPlan {
  id: string;
  imageId: string;
  /** The host's path of the static launcher. */
  launcher: string;
  mounts: PodMount[];
  /** Values of `--ulimit`. */
  limits: string[];
  pidFile: string;
  labels: Record<string, string>;
  /** Whose identity the first process holds in a user namespace inside the container's; absent for root. */
  user?: User | undefined;
}

/**
 * `podman run` for a pod. Its first process only holds the mounts: commands join its mount (and user) namespace
 * and none other, so what podman would confine (seccomp, capabilities, limits, cgroup) never reaches them.
 */
export function runArguments(plan: ContainerPlan): string[] {
  return [
    "run",
    "--detach",
    ...["--name", containerName(plan.id)],
    ...["--pidfile", plan.pidFile],
    ...Object.entries(plan.labels).flatMap(([key, value]) => ["--label", `${key}=${value}`]),
    ...holdOptions(plan.launcher, plan.limits),
    ...plan.mounts.flatMap((mount) => ["--mount", bindOption(mount.source, mount.target, mount.readOnly)]),
    ...["--entrypoint", JSON.stringify([LAUNCHER_INSIDE, "hold", ...(plan.user ? [plan.user.uid, plan.user.gid].map(String) : [])])],
    plan.imageId,
  ];
}

/** `podman run` for a short look at an image's files. */
export function lookArguments(imageId: string, launcher: string, limits: string[], pidFile: string, caller: string): string[] {
  return [
    "run",
    "--detach",
    ...["--pidfile", pidFile],
    ...["--label", `${label.look}=${caller}`],
    ...holdOptions(launcher, limits),
    ...["--mount", bindOption("/dev", "/dev", false)],
    ...["--entrypoint", JSON.stringify([LAUNCHER_INSIDE, "hold"])],
    imageId,
  ];
}

function holdOptions(launcher: string, limits: string[]): string[] {
  return [
    "--pid=host",
    "--network=host",
    // As all of /dev is bound, podman adds nothing below it, and a host without /dev/mqueue is no hindrance.
    "--ipc=host",
    ...["--security-opt", "label=disable"],
    ...["--security-opt", "unmask=ALL"],
    // Without a filter to compile the start is a tenth faster; the first process does nothing but wait.
    ...["--security-opt", "seccomp=unconfined"],
    ...["--log-driver", "none"],
    "--pull=never",
    "--no-healthcheck",
    // The image's own user, folder and volumes are about its service, not about building.
    ...["--user", "0:0"],
    ...["--workdir", "/"],
    "--image-volume=ignore",
    ...limits.flatMap((limit) => ["--ulimit", limit]),
    ...["--mount", bindOption(launcher, LAUNCHER_INSIDE, true)],
  ];
}
