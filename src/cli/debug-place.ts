import { QpodError } from "../base/errors.ts";
import { loadEnvironment } from "../config/find.ts";
import type { Place } from "../debug/place.ts";
import { type BoundPod, type PodMaker, planPod } from "../engine/bound-pods.ts";
import { prepareRoot, startByLauncher } from "../engine/bring-up.ts";
import { chooseRule } from "../engine/choose-rule.ts";
import { publish, writeStartFile } from "../engine/publish.ts";
import { findWorktree } from "../repo/find.ts";
import type { Input } from "./command.ts";
import { makeMaker, withProgress } from "./context.ts";

/** Where a command runs that is traced or debugged: in the environment that is named or bound here, else on the host. */
export async function findPlace({ options, paths }: Input): Promise<Place> {
  if (options.host) {
    if (options.env !== undefined || options.root) throw new QpodError({ fact: "--host and an environment exclude each other", status: 2 });
    return { kind: "host" };
  }
  const maker = makeMaker(paths);
  const bound = typeof options.env === "string" ? await namedPod(maker, options.env) : await boundPod(maker);
  if (!bound) return { kind: "host" };
  const wasPrepared = bound.pod !== undefined;
  const pod = await withProgress((progress) => prepareRoot(maker, bound, progress));
  // The policy names the pod by its root, which is only now known.
  if (!wasPrepared) await publish(maker);
  writeStartFile(maker, bound);
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

async function boundPod(maker: PodMaker): Promise<BoundPod | undefined> {
  const worktree = findWorktree();
  return worktree && (await chooseRule(maker, worktree))?.pod;
}

function namedPod(maker: PodMaker, name: string): Promise<BoundPod> {
  const here = process.cwd();
  const worktree = findWorktree() ?? { root: here, gitDir: here, commonDir: here };
  return planPod(maker, worktree, () => loadEnvironment(name, maker.paths), name);
}

/** Descriptors beyond stderr that the program in front was given; Node hides them from its children. */
export function takeDescriptors(env: NodeJS.ProcessEnv = process.env): number[] {
  const given = env.QPOD_DESCRIPTORS ?? "";
  delete env.QPOD_DESCRIPTORS;
  return given.split(",").filter(Boolean).map(Number);
}
