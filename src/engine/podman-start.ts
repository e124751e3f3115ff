import { existsSync, mkdirSync, rmSync } from "node:fs";
import { dirname } from "node:path";
import { QpodError } from "../base/errors.ts";
import { readIfThere } from "../base/files.ts";
import type { Progress } from "../base/progress.ts";
import { type FirstProcess, readStartTime } from "../launch/first-process.ts";
import { nativeFile } from "../launch/locate.ts";
import { invokingUser } from "../launch/user.ts";
import { lastWords } from "../process/run.ts";
import type { Pod } from "./engine.ts";
import { settableLimits } from "./host-limits.ts";
import type { HostView } from "./host-view.ts";
import type { PodMount } from "./mounts.ts";
import { containerName, label, runArguments } from "./podman-arguments.ts";
import type { Podman } from "./podman-call.ts";
import { makeUserKnown } from "./podman-users.ts";

/**
 * Starts the pod's container by one call of podman; its pid comes by a file, for asking podman costs half a start.
 * A container of the pod's that is still there is used again, so what was changed in it is kept.
 */
export async function startContainer(
  podman: Podman,
  host: HostView,
  pod: Pod,
  mounts: readonly PodMount[],
  pidFile: string,
  progress: Progress,
): Promise<FirstProcess> {
  progress.step(`starting ${pod.environment.name} with podman`);
  const present = checkSources(pod, [...systemFiles(mounts), ...mounts]);
  mkdirSync(dirname(pidFile), { recursive: true, mode: 0o700 });
  rmSync(pidFile, { force: true });
  const args = runArguments({
    id: pod.id,
    imageId: pod.root.imageId ?? "",
    launcher: nativeFile("qpod-launch"),
    mounts: present,
    limits: settableLimits(host),
    pidFile,
    labels: {
      [label.id]: pod.id,
      [label.worktree]: pod.worktree.root,
      [label.environment]: pod.environment.name,
    },
  });
  // The file is read once: what it says is worth nothing later.
  const takePid = () => {
    const pid = Number(readIfThere(pidFile));
    rmSync(pidFile, { force: true });
    return pid;
  };
  let result = await podman.call(args);
  let pid = takePid();
  if (result.status !== 0 && /name .* is (already )?in use/i.test(result.stderr)) {
    const again = await startAgain(podman, pod.id);
    takePid();
    if (again) return again;
    result = await podman.call(args);
    pid = takePid();
  }
  if (result.status !== 0) throw await startError(podman, pod, result.stderr);
  const startTime = readStartTime(pid);
  if (startTime === undefined) {
    throw new QpodError({
      fact: `the first process of ${containerName(pod.id)} ended at once`,
      remedy: `See why: podman logs ${containerName(pod.id)}`,
    });
  }
  makeUserKnown(`/proc/${pid}/root`, invokingUser(), present);
  return { pid, startTime };
}

/** The container that is there already: running, if only our files were lost, or stopped; removed when it cannot be used. */
async function startAgain(podman: Podman, id: string): Promise<FirstProcess | undefined> {
  const name = containerName(id);
  const find = async (): Promise<FirstProcess | undefined> => {
    const result = await podman.call(["container", "inspect", "--format", "{{.State.Pid}}", name]);
    const pid = Number(result.stdout.trim());
    const startTime = pid > 0 ? readStartTime(pid) : undefined;
    return startTime === undefined ? undefined : { pid, startTime };
  };
  const running = await find();
  if (running) return running;
  await podman.call(["start", name]);
  const started = await find();
  if (!started) await podman.callOrFail(["rm", "--force", "--time", "0", name], `cannot remove the container ${name}`);
  return started;
}

/** The network is the host's, and so are names and time; podman would bring copies of some. */
function systemFiles(mounts: readonly PodMount[]): PodMount[] {
  return ["/etc/resolv.conf", "/etc/hosts", "/etc/localtime"]
    .filter((path) => !mounts.some(({ target }) => target === path))
    .map((path) => ({ source: path, target: path, readOnly: true, optional: true, kind: "system" }));
}

/** podman would say "statfs: no such file"; the definition's place says more. */
function checkSources(pod: Pod, mounts: readonly PodMount[]): PodMount[] {
  return mounts.filter((mount) => {
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

/** What can be told of a failed start, and nothing half made is left behind. */
async function startError(podman: Podman, pod: Pod, stderr: string): Promise<QpodError> {
  await podman.call(["rm", "--force", "--ignore", containerName(pod.id)]);
  const words = lastWords(stderr).replace(/^Error: /, "");
  const gone = /no such image|image not known|unable to find|failed to find image/i.test(stderr);
  return new QpodError({
    fact: `podman cannot start environment ${pod.environment.name}: ${words}`,
    remedy: gone ? `The image was removed; get it again: qpod up ${pod.environment.name}` : "`qpod doctor` looks for the cause.",
  });
}
