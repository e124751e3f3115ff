import { QpodError } from "../base/errors.ts";
import { loadEnvironment } from "../config/find.ts";
import { type BoundPod, type PodMaker, planPod } from "../engine/bound-pods.ts";
import { prepareRoot } from "../engine/bring-up.ts";
import { chooseRule } from "../engine/choose-rule.ts";
import type { Pod } from "../engine/engine.ts";
import { publish, writeStartFile } from "../engine/publish.ts";
import { findWorktree } from "../repo/find.ts";
import type { Worktree } from "../repo/worktree.ts";
import { withProgress } from "./context.ts";

/** The pod of the environment that a work tree is bound to on the branch it is on. */
export async function boundPod(maker: PodMaker, worktree: Worktree | undefined): Promise<BoundPod | undefined> {
  return worktree && (await chooseRule(maker, worktree))?.pod;
}

/** The same where there must be one. */
export async function requireBoundPod(
  maker: PodMaker,
  worktree: Worktree,
  remedy = "`qpod init ENVIRONMENT` binds it.",
): Promise<BoundPod> {
  const pod = await boundPod(maker, worktree);
  if (pod) return pod;
  throw new QpodError({ fact: `${worktree.root} is not bound to an environment on this branch`, remedy });
}

/** The pod of an environment by name, for the work tree of the working directory or, where there is none, for that folder. */
export function namedPod(maker: PodMaker, name: string): Promise<BoundPod> {
  const here = process.cwd();
  const worktree = findWorktree() ?? { root: here, gitDir: here, commonDir: here };
  return planPod(maker, worktree, () => loadEnvironment(name, maker.paths), name);
}

/** Gets the pod's root filesystem and writes down how the launcher starts it. */
export async function planStart(maker: PodMaker, bound: BoundPod): Promise<Pod> {
  const wasPrepared = bound.pod !== undefined;
  const pod = await withProgress((progress) => prepareRoot(maker, bound, progress));
  // The policy names the pod by its root, which is only now known.
  if (!wasPrepared) await publish(maker);
  writeStartFile(maker, bound);
  return pod;
}
