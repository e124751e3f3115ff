import { QpodError } from "../base/errors.ts";
import type { Progress } from "../base/progress.ts";
import { type FirstProcess, readStartTime } from "../launch/first-process.ts";
import { nativeFile } from "../launch/locate.ts";
import { invokingUser } from "../launch/user.ts";
import { sayError } from "./container-call.ts";
import { presentMounts } from "./container-mounts.ts";
import { containerName, label } from "./container-names.ts";
import { makeUserKnown } from "./container-users.ts";
import { runArguments } from "./docker-arguments.ts";
import { type Attendance, prepareAttendance, waitForFirst } from "./docker-attend.ts";
import type { Docker } from "./docker-call.ts";
import type { Pod } from "./engine.ts";
import type { PodMount } from "./mounts.ts";

export interface DockerStart {
  pod: Pod;
  mounts: readonly PodMount[];
  limits: string[];
  /** For a user who may not join the container: the folder that they share with it. Absent for root. */
  served?: string | undefined;
  /** Whether the first process is to try to lend its namespaces, so that commands need not be served. */
  lends: boolean;
}

/** Starts the pod's container. One of the pod's that is still there is used again, so what was changed in it is kept. */
export async function startContainer(
  docker: Docker,
  { pod, mounts, limits, served, lends }: DockerStart,
  progress: Progress,
): Promise<FirstProcess> {
  progress.step(`starting ${pod.environment.name} with docker`);
  const present = presentMounts(pod, mounts);
  const user = invokingUser();
  const attendance = served === undefined ? undefined : prepareAttendance(served, user, docker.facts.group, present, lends);
  const args = runArguments({
    id: pod.id,
    imageId: pod.root.imageId ?? "",
    launcher: nativeFile("qpod-launch"),
    mounts: attendance ? [...present, attendance.mount] : present,
    limits,
    labels: {
      [label.id]: pod.id,
      [label.worktree]: pod.worktree.root,
      [label.environment]: pod.environment.name,
      [label.user]: String(user.uid),
    },
    job: attendance?.job ?? ["hold"],
  });
  const first = (await startAgain(docker, pod.id, attendance)) ?? (await make(docker, pod, args, attendance));
  if (!attendance) makeUserKnown(`/proc/${first.pid}/root`, user, present);
  return first;
}

async function make(docker: Docker, pod: Pod, args: string[], attendance: Attendance | undefined): Promise<FirstProcess> {
  const result = await docker.call(args);
  if (result.status !== 0) throw await startError(docker, pod, result.stderr);
  const first = await findFirst(docker, pod.id, attendance);
  if (first) return first;
  throw new QpodError({
    fact: `the first process of ${containerName(pod.id)} ended at once`,
    remedy: `See why: docker inspect ${containerName(pod.id)}`,
  });
}

/**
 * The container that is there already: running, if only our files were lost, or stopped; removed when it cannot be used.
 * One that attends is started anew in any case, for the folder that it sees may be one that is gone.
 */
async function startAgain(docker: Docker, id: string, attendance: Attendance | undefined): Promise<FirstProcess | undefined> {
  const name = containerName(id);
  const started = await docker.call(attendance ? ["restart", "-t", "2", name] : ["start", name]);
  const first = started.status === 0 ? await findFirst(docker, id, attendance) : undefined;
  if (!first) await docker.call(["rm", "--force", "--volumes", name]);
  return first;
}

async function findFirst(docker: Docker, id: string, attendance: Attendance | undefined): Promise<FirstProcess | undefined> {
  const name = containerName(id);
  const result = await docker.call(["container", "inspect", "--format", "{{.State.Pid}}", name]);
  const pid = Number(result.stdout.trim());
  const startTime = pid > 0 ? readStartTime(pid) : undefined;
  if (startTime === undefined) return undefined;
  return attendance ? waitForFirst(attendance.folder, pid, name) : { pid, startTime };
}

/** What can be told of a failed start, and nothing half made is left behind. */
async function startError(docker: Docker, pod: Pod, stderr: string): Promise<QpodError> {
  await docker.call(["rm", "--force", "--volumes", containerName(pod.id)]);
  const gone = /no such image|unable to find image/i.test(stderr);
  return new QpodError({
    fact: `docker cannot start environment ${pod.environment.name}: ${sayError(stderr)}`,
    remedy: gone ? `The image was removed; get it again: qpod up ${pod.environment.name}` : "`qpod doctor` looks for the cause.",
  });
}
