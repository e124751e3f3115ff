import type { Progress } from "../base/progress.ts";
import type { Environment } from "../config/environment.ts";
import { inspectTree, type TreeFacts } from "../image/inspect-tree.ts";
import { formatReference, parseReference } from "../image/reference.ts";
import { pullError } from "../image/registry-errors.ts";
import { nativeFile } from "../launch/locate.ts";
import { type FoundImage, inspectImage, inspectOrFail, makeImage } from "./container-image.ts";
import { lookArguments } from "./docker-arguments.ts";
import type { Docker } from "./docker-call.ts";
import { settableLimits } from "./host-limits.ts";
import type { HostView } from "./host-view.ts";

/** Gets the environment's image into docker's store, or finds that it is there. */
export async function obtainImage(docker: Docker, environment: Environment, progress: Progress, renew = false): Promise<FoundImage> {
  const { root } = environment;
  if (root.kind !== "image") return makeImage(docker, environment, progress, renew);
  const here = await inspectImage(docker, root.reference);
  if (here && !renew) return here;
  const name = await pullImage(docker, root.reference, progress);
  const pulled = await inspectOrFail(docker, name);
  return pulled.id === here?.id ? pulled : { ...pulled, fetchedAs: name };
}

async function pullImage(docker: Docker, text: string, progress: Progress): Promise<string> {
  const reference = parseReference(text);
  const name = formatReference(reference);
  progress.step(`pulling ${name}`);
  let [layers, done] = [0, 0];
  const onLine = (line: string) => {
    if (/: Pulling fs layer$/.test(line)) layers++;
    if (/: Pull complete$/.test(line)) progress.update(`${++done} of ${layers} layers`);
  };
  const result = await docker.call(["pull", name], { lines: "both", onLine });
  if (result.status !== 0) throw pullError(reference, result.stderr);
  return name;
}

/**
 * Looks at the files of an image by /proc/PID/root of a short-lived container: nothing of the image runs. The process
 * is the invoking user's own, or its folder would be shut to them.
 */
export async function lookIntoImage(docker: Docker, host: HostView, imageId: string, path?: string): Promise<TreeFacts> {
  const user = { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 };
  const container = await docker.callOrFail(
    lookArguments(imageId, nativeFile("qpod-launch"), settableLimits(host), user),
    "docker cannot start the image",
    {
      remedy: "`qpod doctor` looks for the cause.",
    },
  );
  try {
    const pid = await docker.callOrFail(["container", "inspect", "--format", "{{.State.Pid}}", container], "docker lost a container");
    return inspectTree(`/proc/${pid}/root`, path);
  } finally {
    await docker.call(["rm", "--force", "--volumes", container]);
  }
}
