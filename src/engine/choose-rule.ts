import { readHead } from "../repo/branch.ts";
import { chooseBinding } from "../repo/branch-pattern.ts";
import type { Worktree } from "../repo/worktree.ts";
import type { PodMaker } from "./bound-pods.ts";
import { type BoundWorktree, findRules } from "./find-bound.ts";

/** The rule that applies to a work tree on the branch it is on now. */
export async function chooseRule(maker: PodMaker, worktree: Worktree): Promise<BoundWorktree["rules"][number] | undefined> {
  return chooseBinding(await findRules(maker, worktree), readHead(worktree.gitDir));
}
