import { existsSync, mkdirSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { QpodError } from "../base/errors.ts";
import { readIfThere, replaceFile } from "../base/files.ts";
import type { Progress } from "../base/progress.ts";
import { type FirstProcess, readStartTime, waitUntilItHolds } from "../launch/first-process.ts";
import { nativeFile } from "../launch/locate.ts";
import { invokingUser } from "../launch/user.ts";
import { lastWords } from "../process/run.ts";
import { presentMounts } from "./container-mounts.ts";
import { containerName, label } from "./container-names.ts";
import { makeUserKnown } from "./container-users.ts";
import type { Pod } from "./engine.ts";
import { settableLimits } from "./host-limits.ts";
import type { HostView } from "./host-view.ts";
import type { PodMount } from "./mounts.ts";
import { runArguments } from "./podman-arguments.ts";
import type { Podman } from "./podman-call.ts";

/** Where a pod's container is noted down. */
export interface ContainerFiles {
  /** podman writes the first process's pid here: to ask for it costs half a start. */
  pid: string;
  /**
   * There when the container was made before; it is then started again, and what was changed in it is kept. Holds the
   * folder that podman has for it as long as it is there.
   */
  record: string;
}

/** Starts the pod's container by one call of podman. */
export async function startContainer(
  podman: Podman,
  host: HostView,
  pod: Pod,
  mounts: readonly PodMount[],
  files: ContainerFiles,
  progress: Progress,
): Promise<FirstProcess> {
  progress.step(`starting ${pod.environment.name} with podman`);
  const present = presentMounts(pod, mounts);
  mkdirSync(dirname(files.pid), { recursive: true, mode: 0o700 });
  rmSync(files.pid, { force: true });
  const pid = (isThere(files) && (await startAgain(podman, pod.id, files))) || (await makeContainer(podman, host, pod, present, files));
  const startTime = (await waitUntilItHolds(pid)) ? readStartTime(pid) : undefined;
  if (startTime === undefined) {
    throw new QpodError({
      fact: `the first process of ${containerName(pod.id)} ended at once`,
      remedy: "It needs a user namespace for you: `qpod doctor` says whether this system grants one.",
    });
  }
  makeUserKnown(`/proc/${pid}/root`, invokingUser(), present);
  return { pid, startTime };
}

/**
 * Whether podman may still have the container, which to ask it costs a third of a start. Who removed it by hand made
 * room for a new one; if its folder is gone for another reason, podman says that the name is in use.
 */
function isThere({ record }: ContainerFiles): boolean {
  const folder = readIfThere(record);
  return folder !== undefined && (folder === "" || existsSync(folder));
}

async function makeContainer(podman: Podman, host: HostView, pod: Pod, mounts: PodMount[], files: ContainerFiles): Promise<number> {
  const user = invokingUser();
  const args = runArguments({
    id: pod.id,
    imageId: pod.root.imageId ?? "",
    launcher: nativeFile("qpod-launch"),
    mounts,
    limits: settableLimits(host),
    pidFile: files.pid,
    labels: {
      [label.id]: pod.id,
      [label.worktree]: pod.worktree.root,
      [label.environment]: pod.environment.name,
    },
    user: podman.facts.rootless ? user : undefined,
  });
  let result = await podman.call(args);
  if (result.status !== 0 && /name .* is (already )?in use/i.test(result.stderr)) {
    const again = await startAgain(podman, pod.id, files);
    if (again) return again;
    result = await podman.call(args);
  }
  if (result.status !== 0) throw await startError(podman, pod, result.stderr);
  const folder = join(podman.facts.containers ?? "", result.stdout.trim());
  replaceFile(files.record, podman.facts.containers && existsSync(folder) ? folder : "");
  return takePid(files) ?? 0;
}

/** The file is read once: what it says is worth nothing later. */
function takePid(files: ContainerFiles): number | undefined {
  const pid = Number(readIfThere(files.pid));
  rmSync(files.pid, { force: true });
  return pid > 0 ? pid : undefined;
}

/** The container that is there already: stopped, or running if only our files were lost; removed when it cannot be used. */
async function startAgain(podman: Podman, id: string, files: ContainerFiles): Promise<number | undefined> {
  const name = containerName(id);
  const started = await podman.call(["start", name]);
  if (started.status === 0) {
    const pid = takePid(files);
    if (pid && readStartTime(pid) !== undefined) return pid;
    const result = await podman.call(["container", "inspect", "--format", "{{.State.Pid}}", name]);
    const told = Number(result.stdout.trim());
    if (told > 0 && readStartTime(told) !== undefined) return told;
  }
  rmSync(files.record, { force: true });
  if (/no such container/i.test(started.stderr)) return undefined;
  await podman.callOrFail(["rm", "--force", "--ignore", "--time", "0", name], `cannot remove the container ${name}`);
  return undefined;
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
