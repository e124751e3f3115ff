import { QpodError } from "../base/errors.ts";
import { findBindings } from "../config/bound.ts";
import type { Environment } from "../config/environment.ts";
import { loadEnvironment } from "../config/find.ts";
import { repositoryFilePath } from "../config/repository-file.ts";
import { refreshRegistry } from "../repo/repository.ts";
import type { Worktree } from "../repo/worktree.ts";
import { listWorktrees } from "../repo/worktrees.ts";
import { type BoundPod, type PodMaker, planPod } from "./bound-pods.ts";

export interface BoundWorktree {
  worktree: Worktree;
  rules: BoundRule[];
}

export interface BoundRule {
  branch: string;
  pod: BoundPod;
  /** It stands in the work tree's `.qpod.yaml`, which a checkout may change. */
  committed: boolean;
}

export interface FoundBindings {
  bound: BoundWorktree[];
  /** Work trees that are left out, and why. */
  problems: QpodError[];
}

/** Everything this user has bound: each work tree of each registered repository, with the pods it may need. */
export async function findBound(maker: PodMaker): Promise<FoundBindings> {
  const load = rememberEnvironments(maker);
  const found: FoundBindings = { bound: [], problems: [] };
  for (const { commonDir, roots } of await refreshRegistry(maker.paths.state)) {
    const { worktrees, unusable } = listWorktrees(commonDir, roots);
    found.problems.push(...unusable);
    for (const worktree of worktrees) {
      found.bound.push({ worktree, rules: await findRules(maker, worktree, load) });
    }
  }
  return found;
}

/** The rules of one work tree, in the order in which they are tried. */
export async function findRules(maker: PodMaker, worktree: Worktree, load = rememberEnvironments(maker)): Promise<BoundWorktree["rules"]> {
  try {
    const { bindings, environments, ignored } = await findBindings(worktree, maker.paths);
    const rules = await Promise.all(
      bindings.map(async ({ branch, environment, file }) => ({
        branch,
        committed: file === repositoryFilePath(worktree.root),
        pod: await planPod(maker, worktree, () => load(environment, environments), environment),
      })),
    );
    // In a repository that the user has taken for their own, a file that came since then is no reason to use the host.
    const open = ignored.find(({ trust }) => trust !== "denied");
    return open ? [...rules, await failingRule(maker, worktree, open.error)] : rules;
  } catch (error) {
    if (!(error instanceof QpodError)) throw error;
    return [await failingRule(maker, worktree, error)];
  }
}

/** There is a binding, but it cannot be used: what belongs in it must fail, not run on the host. */
async function failingRule(maker: PodMaker, worktree: Worktree, error: QpodError): Promise<BoundRule> {
  return { branch: "", committed: true, pod: await planPod(maker, worktree, () => Promise.reject(error), "unusable") };
}

type Load = (name: string, inline: ReadonlyMap<string, Environment>) => Promise<Environment>;

/** Ten thousand repositories share a few environments: each file is read once. */
function rememberEnvironments({ paths }: PodMaker): Load {
  const known = new Map<string, Promise<Environment>>();
  return (name, inline) => {
    if (inline.has(name)) return loadEnvironment(name, paths, inline);
    const loaded = known.get(name) ?? loadEnvironment(name, paths);
    known.set(name, loaded);
    return loaded;
  };
}
