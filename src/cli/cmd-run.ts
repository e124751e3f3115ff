import { QpodError } from "../base/errors.ts";
import { loadEnvironment } from "../config/find.ts";
import { type BoundPod, type PodMaker, planPod } from "../engine/bound-pods.ts";
import { prepareRoot } from "../engine/bring-up.ts";
import { chooseRule } from "../engine/choose-rule.ts";
import { publish, writeStartFile } from "../engine/publish.ts";
import { enter, op } from "../launch/operations.ts";
import { handOver } from "../launch/plan.ts";
import { findWorktree } from "../repo/find.ts";
import type { Input } from "./command.ts";
import { makeMaker, withProgress } from "./context.ts";

/** Runs a command in an environment: the program in front of Node enters the pod and becomes the command. */
export async function run({ args, options, paths }: Input): Promise<number> {
  const maker = makeMaker(paths);
  const name = typeof options.env === "string" ? options.env : undefined;
  const bound = name === undefined ? await boundPod(maker) : await namedPod(maker, name);
  const wasPrepared = bound.pod !== undefined;
  const pod = await withProgress((progress) => prepareRoot(maker, bound, progress));
  // The policy names the pod by its root, which is only now known.
  if (!wasPrepared) await publish(maker);
  writeStartFile(maker, bound);
  handOver([
    {
      code: op.enter,
      numbers: [args.length, options.root ? enter.root : 0, pod.definition],
      strings: [paths.runtime, pod.id, ""],
    },
  ]);
  return 0;
}

async function boundPod(maker: PodMaker): Promise<BoundPod> {
  const worktree = findWorktree();
  const rule = worktree && (await chooseRule(maker, worktree));
  if (rule) return rule.pod;
  throw new QpodError({
    fact: worktree ? `${worktree.root} is not bound to an environment on this branch` : `${process.cwd()} is not in a git repository`,
    remedy: "Bind it with `qpod init ENVIRONMENT`, or name one: `qpod run --env ENVIRONMENT -- COMMAND`.",
  });
}

function namedPod(maker: PodMaker, name: string): Promise<BoundPod> {
  const here = process.cwd();
  const worktree = findWorktree() ?? { root: here, gitDir: here, commonDir: here };
  return planPod(maker, worktree, () => loadEnvironment(name, maker.paths), name);
}
