import { QpodError } from "../base/errors.ts";
import type { BoundPod, PodMaker } from "../engine/bound-pods.ts";
import { enter, op } from "../launch/operations.ts";
import { handOver } from "../launch/plan.ts";
import { findWorktree } from "../repo/find.ts";
import { namedPod, planStart, requireBoundPod } from "./choose-pod.ts";
import type { Input } from "./command.ts";
import { makeMaker } from "./context.ts";

/** Runs a command in an environment: the program in front of Node enters the pod and becomes the command. */
export async function run({ args, options, paths }: Input): Promise<number> {
  const maker = makeMaker(paths);
  const name = typeof options.env === "string" ? options.env : undefined;
  const bound = name === undefined ? await podOfHere(maker) : await namedPod(maker, name);
  const pod = await planStart(maker, bound);
  handOver([
    {
      code: op.enter,
      numbers: [args.length, options.root ? enter.root : 0, pod.definition],
      strings: [paths.runtime, pod.id, ""],
    },
  ]);
  return 0;
}

function podOfHere(maker: PodMaker): Promise<BoundPod> {
  const remedy = "Bind it with `qpod init ENVIRONMENT`, or name one: `qpod run --env ENVIRONMENT -- COMMAND`.";
  const worktree = findWorktree();
  if (worktree) return requireBoundPod(maker, worktree, remedy);
  throw new QpodError({ fact: `${process.cwd()} is not in a git repository`, remedy });
}
