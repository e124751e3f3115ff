import { formatError, status } from "../base/errors.ts";
import type { Paths } from "../base/paths.ts";
import { findBindings } from "../config/bound.ts";
import type { BoundPod } from "../engine/bound-pods.ts";
import { chooseRule } from "../engine/choose-rule.ts";
import { readPodEntry } from "../engine/pod-files.ts";
import { isAlive } from "../launch/first-process.ts";
import { runtimeLayout } from "../launch/layout.ts";
import { formatHead, readHead } from "../repo/branch.ts";
import { isRegistered } from "../repo/repository.ts";
import type { Input } from "./command.ts";
import { makeMaker, requireWorktree } from "./context.ts";

const notCounted = {
  unknown: "look at it, then `qpod allow`",
  changed: "it has changed; look at it, then `qpod allow`",
  denied: "you denied it",
  lost: "it is gone; `qpod init ENVIRONMENT` makes it again, `qpod unbind` forgets it",
};

/** What the repository of the working directory is bound to, and what applies now. Status 1: nothing applies. */
export async function run({ options, paths, output }: Input): Promise<number> {
  const worktree = requireWorktree();
  const maker = makeMaker(paths);
  const head = formatHead(readHead(worktree.gitDir));
  const { bindings, ignored } = await findBindings(worktree, paths);
  // Nothing that came with the repository counts; where the user has bound nothing, commands run on the host.
  const rule = bindings.length > 0 || isRegistered(worktree, paths.state) ? await chooseRule(maker, worktree) : undefined;
  const state = rule && stateOf(rule.pod, paths);
  if (options.json) {
    output.json({
      worktree: worktree.root,
      head,
      bindings,
      ignored: ignored.map(({ file, trust }) => ({ file, trust })),
      applies: rule && {
        branch: rule.branch,
        environment: rule.pod.environmentName,
        pod: rule.pod.id,
        engine: rule.pod.choice?.engine.name,
        state,
        problem: rule.pod.problem?.fact,
      },
    });
    return rule ? status.ok : status.no;
  }
  output.line(`repository   ${worktree.root}, on ${head}`);
  for (const { branch, environment, file } of bindings)
    output.line(`binding      ${branch || "every branch"} -> ${environment}  (${file})`);
  for (const { file, trust } of ignored) output.line(`not counted  ${file}: ${notCounted[trust]}`);
  if (bindings.length === 0) output.line("binding      none: `qpod init ENVIRONMENT` makes one");
  else if (!rule) output.line("environment  none for this branch: commands run on the host");
  else
    output.line(`environment  ${rule.pod.environmentName} (${rule.pod.choice?.engine.name ?? "no engine"}; pod ${rule.pod.id}: ${state})`);
  if (rule?.pod.problem) output.text(formatError(rule.pod.problem));
  return rule ? status.ok : status.no;
}

function stateOf({ id, pod, problem }: BoundPod, paths: Paths): string {
  if (problem) return "problem";
  const entry = readPodEntry(runtimeLayout(paths.runtime), id);
  if (entry && isAlive(entry)) return "running";
  return pod ? "starts when needed" : "its root filesystem is fetched when needed";
}
