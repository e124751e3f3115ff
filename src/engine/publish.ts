import { existsSync, mkdirSync, readdirSync, rmSync, unlinkSync } from "node:fs";
import { join } from "node:path";
import { replaceFile } from "../base/files.ts";
import { withLock } from "../base/lock.ts";
import { alwaysHost, splitCommands } from "../config/defaults.ts";
import { repositoryFilePath } from "../config/repository-file.ts";
import { judgeFile } from "../config/trust.ts";
import { installRuntime, writeShims } from "../launch/install-runtime.ts";
import { runtimeLayout } from "../launch/layout.ts";
import { programFolder, qpodProgram } from "../launch/locate.ts";
import { encodeOperations } from "../launch/operations.ts";
import { type BoundTree, compilePolicy } from "../policy/compile.ts";
import { encodePolicy } from "../policy/encode.ts";
import { type PolicyEnvironment, ruleFlag } from "../policy/policy.ts";
import { readRegistry } from "../repo/registry.ts";
import { type BoundPod, type PodMaker, policyEnvironment } from "./bound-pods.ts";
import { type BoundRule, type BoundWorktree, type FoundBindings, findBound } from "./find-bound.ts";
import { homeFolderOf } from "./mounts.ts";
import type { PodFacts } from "./pods.ts";
import { shimNames } from "./shim-names.ts";

/**
 * Compiles what is bound into the runtime folder: policy, start files, shims. From then on the native programs
 * answer without Node. Nothing is started and nothing is fetched.
 */
export async function publish(maker: PodMaker): Promise<FoundBindings> {
  const layout = runtimeLayout(maker.paths.runtime);
  installRuntime(layout);
  return withLock(
    `${layout.policy}.lock`,
    async () => {
      const found = await findBound(maker);
      const pods = found.bound.flatMap(({ rules }) => rules.map((rule) => rule.pod));
      for (const pod of pods) writeStartFile(maker, pod);
      removeStaleStartFiles(layout.pods, new Set(pods.map(({ id }) => id)));
      writeShims(layout, shimNames(pods));
      const trees = found.bound.filter((one) => one.rules.length > 0 || mayComeBack(one, found.bound, maker.paths.state)).map(toTree);
      const policy = compilePolicy(trees, qpodProgram(), programFolder());
      // All that was bound may have been moved: the usual commands are then looked at where they are called.
      if (trees.length === 0 && readRegistry(maker.paths.state).length > 0) policy.environments.push(vacantEnvironment());
      policy.sources = [...new Set(pods.flatMap(({ environment }) => environment?.place.file ?? []))].filter((file) => existsSync(file));
      replaceFile(layout.policy, encodePolicy(policy));
      // What was refused before may be allowed now.
      rmSync(layout.refused, { recursive: true, force: true });
      return found;
    },
    { what: "the policy" },
  );
}

function toTree({ worktree, rules }: BoundWorktree): BoundTree {
  return {
    root: Buffer.from(worktree.root),
    gitDir: Buffer.from(worktree.gitDir),
    rules: rules.length === 0 ? [vacantRule()] : rules.map(toRule),
  };
}

function toRule({ branch, pod, committed }: BoundRule): BoundTree["rules"][number] {
  return {
    branch,
    pod: pod.id,
    definition: pod.pod?.definition ?? 0n,
    flags: committed ? ruleFlag.committed : 0,
    environment: policyEnvironment(pod),
  };
}

/**
 * Nothing binds this work tree at present, but the user has allowed its committed file before, and a checkout may bring
 * it back. Until then a bound work tree around it counts.
 */
function mayComeBack({ worktree }: BoundWorktree, all: readonly BoundWorktree[], state: string): boolean {
  if (judgeFile(state, repositoryFilePath(worktree.root), "") !== "changed") return false;
  return !all.some((other) => other.rules.length > 0 && worktree.root.startsWith(`${other.worktree.root}/`));
}

/** A checkout may bring back the file that binds the work tree; the launcher has to look. */
function vacantRule(): BoundTree["rules"][number] {
  return { branch: "", pod: "", definition: 0n, flags: ruleFlag.vacant, environment: vacantEnvironment() };
}

function vacantEnvironment(): PolicyEnvironment {
  const { names, globs } = splitCommands([], true);
  return { name: "none at present", commands: names, commandGlobs: globs, hostNames: [], hostPaths: [...alwaysHost] };
}

/** What the launcher needs to start the pod, and `qpod start-pod` to know it again. */
export function writeStartFile(maker: PodMaker, bound: BoundPod): void {
  const layout = runtimeLayout(maker.paths.runtime);
  const { pod, choice, worktree } = bound;
  const facts: PodFacts = {
    id: bound.id,
    worktree: worktree.root,
    environment: bound.environmentName,
    engine: choice?.engine.name,
    data: maker.paths.data,
  };
  if (pod) facts.pod = { ...pod, definition: pod.definition.toString() };
  replaceFile(layout.facts(bound.id), JSON.stringify(facts), 0o600, false);
  if (!pod || !choice?.engine.startList) return;
  mkdirSync(homeFolderOf(pod.id, maker.paths), { recursive: true, mode: 0o700 });
  replaceFile(layout.start(pod.id), encodeOperations(choice.engine.startList(pod)), 0o600, false);
}

/** Files of pods that are no longer bound go, but what tells of a running one stays until it has ended. */
function removeStaleStartFiles(folder: string, current: ReadonlySet<string>): void {
  for (const name of existsSync(folder) ? readdirSync(folder) : []) {
    const id = name.replace(/\.start$/, "");
    if (id !== name && !current.has(id)) unlinkSync(join(folder, name));
  }
}
