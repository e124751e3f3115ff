import { bindOption, containerName, LAUNCHER_INSIDE } from "./container-names.ts";
import type { PodMount } from "./mounts.ts";

export interface ContainerPlan {
  id: string;
  imageId: string;
  /** The host's path of the static launcher. */
  launcher: string;
  mounts: PodMount[];
  labels: Record<string, string>;
  /** Values of `--ulimit`: a daemon that may not raise its own limits fails at its defaults, and served commands have no higher ones. */
  limits: string[];
  /** What the first process is told to do. */
  job: string[];
}

/** `docker run` for a pod: as podman's, its first process only holds the mounts, and commands join those alone. */
export function runArguments(plan: ContainerPlan): string[] {
  return [
    "run",
    "--detach",
    ...["--name", containerName(plan.id)],
    ...Object.entries(plan.labels).flatMap(([key, value]) => ["--label", `${key}=${value}`]),
    ...holdOptions(plan.launcher, "0:0", plan.limits),
    ...plan.mounts.flatMap((mount) => ["--mount", bindOption(mount.source, mount.target, mount.readOnly)]),
    ...["--entrypoint", LAUNCHER_INSIDE],
    plan.imageId,
    ...plan.job,
  ];
}

/** `docker run` for a short look at an image's files, which the user of the first process may have. */
export function lookArguments(imageId: string, launcher: string, limits: string[], user: { uid: number; gid: number }): string[] {
  return ["run", "--detach", ...holdOptions(launcher, `${user.uid}:${user.gid}`, limits), "--entrypoint", LAUNCHER_INSIDE, imageId, "hold"];
}

/** `docker run` to its end, for a folder of the host's that has files of root's. */
export function emptyArguments(imageId: string, launcher: string, limits: string[], folder: string): string[] {
  const inside = "/.qpod/folder";
  const options = [...holdOptions(launcher, "0:0", limits), "--mount", bindOption(folder, inside, false)];
  return ["run", "--rm", ...options, "--entrypoint", LAUNCHER_INSIDE, imageId, "empty", inside];
}

function holdOptions(launcher: string, user: string, limits: string[]): string[] {
  return [
    ...["--pid=host", "--network=host", "--ipc=host", "--uts=host"],
    // A daemon may shift the ids of its containers; a pod's are the host's.
    "--userns=host",
    ...["label=disable", "systempaths=unconfined", "seccomp=unconfined", "apparmor=unconfined"].flatMap((one) => ["--security-opt", one]),
    ...["--log-driver", "none"],
    "--pull=never",
    "--no-healthcheck",
    "--init=false",
    ...["--stop-timeout", "2"],
    ...["--user", user],
    ...["--workdir", "/"],
    ...limits.flatMap((limit) => ["--ulimit", limit]),
    ...["--mount", bindOption(launcher, LAUNCHER_INSIDE, true)],
  ];
}
