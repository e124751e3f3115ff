import { QpodError } from "../base/errors.ts";
import type { Place } from "../debug/place.ts";
import { startByLauncher } from "../engine/bring-up.ts";
import { findWorktree } from "../repo/find.ts";
import { boundPod, namedPod, planStart } from "./choose-pod.ts";
import type { Input } from "./command.ts";
import { makeMaker } from "./context.ts";

/** Where a command runs that is traced or debugged: in the environment that is named or bound here, else on the host. */
export async function findPlace({ options, paths }: Input): Promise<Place> {
  if (options.host) {
    if (options.env !== undefined || options.root) throw new QpodError({ fact: "--host and an environment exclude each other", status: 2 });
    return { kind: "host" };
  }
  const maker = makeMaker(paths);
  const bound = typeof options.env === "string" ? await namedPod(maker, options.env) : await boundPod(maker, findWorktree());
  if (!bound) return { kind: "host" };
  const pod = await planStart(maker, bound);
  // Under a tracer the launcher would be traced while it starts the pod.
  await startByLauncher(maker, pod);
  const { environment, worktree } = pod;
  return {
    kind: "pod",
    runtime: paths.runtime,
    id: pod.id,
    definition: pod.definition,
    root: options.root === true,
    ...(environment.path === undefined ? {} : { sources: { built: environment.path, shown: worktree.root } }),
  };
}

/** Descriptors beyond stderr that the program in front was given; Node hides them from its children. */
export function takeDescriptors(env: NodeJS.ProcessEnv = process.env): number[] {
  const given = env.QPOD_DESCRIPTORS ?? "";
  delete env.QPOD_DESCRIPTORS;
  return given.split(",").filter(Boolean).map(Number);
}
