import { createHash } from "node:crypto";
import { basename } from "node:path";
import { QpodError } from "../base/errors.ts";
import type { Paths } from "../base/paths.ts";
import { quiet } from "../base/progress.ts";
import { splitCommands, splitHost } from "../config/defaults.ts";
import type { Environment } from "../config/environment.ts";
import { readPrepared } from "../image/store.ts";
import { invokingUser, type User } from "../launch/user.ts";
import type { PolicyEnvironment } from "../policy/policy.ts";
import type { Worktree } from "../repo/worktree.ts";
import type { Engine, Pod } from "./engine.ts";
import { entryOperations } from "./entry.ts";
import { mountsOf } from "./mounts.ts";
import { type Choice, chooseEngine } from "./select.ts";

/** One environment for one work tree: a pod that runs, that could be started, or that cannot be and why. */
export interface BoundPod {
  id: string;
  worktree: Worktree;
  environmentName: string;
  /** Absent when the definition cannot be read; `problem` says why. */
  environment?: Environment;
  choice?: Choice;
  /** Present once the root filesystem is at hand. */
  pod?: Pod;
  /** What stands in the way. Commands that belong here fail with it; they never run on the host instead. */
  problem?: QpodError;
}

export interface PodMaker {
  paths: Paths;
  engines: readonly Engine[];
  user: User;
}

export function podMaker(paths: Paths, engines: readonly Engine[]): PodMaker {
  return { paths, engines, user: invokingUser() };
}

/** Works out the pod of an environment for a work tree, as far as it can be told without starting anything. */
export async function planPod(maker: PodMaker, worktree: Worktree, load: () => Promise<Environment>, name: string): Promise<BoundPod> {
  const bound: BoundPod = { id: podId(name, worktree, name), worktree, environmentName: name };
  try {
    bound.environment = await load();
    // Until the root is at hand the id stands for the definition alone.
    bound.id = podId(name, worktree, JSON.stringify(bound.environment.root));
    bound.choice = await chooseEngine(bound.environment, maker.engines);
    const { engine } = bound.choice;
    const root = readPrepared(maker.paths, bound.environment, engine.name) ?? (await lookAtFolder(engine, bound.environment));
    if (root) {
      bound.pod = makePod(maker, engine, worktree, bound.environment, root);
      bound.id = bound.pod.id;
    }
  } catch (error) {
    if (!(error instanceof QpodError)) throw error;
    bound.problem = error;
  }
  return bound;
}

/** A root that is a folder needs no fetching: its commands are then known by name, and the launcher can start the pod. */
function lookAtFolder(engine: Engine, environment: Environment): Promise<Pod["root"]> | undefined {
  const { kind } = environment.root;
  return engine.startList && (kind === "rootfs" || kind === "host") ? engine.prepare(environment, quiet) : undefined;
}

/** The pod's id holds all that its namespaces are made from; its definition, all that its entry is made from. */
export function makePod(
  maker: PodMaker,
  engine: Engine,
  worktree: Worktree,
  environment: Environment,
  root: Pod["root"],
  scratch?: Pod["scratch"],
): Pod {
  const draft: Pod = { id: "", worktree, environment, root, definition: 0n, ...(scratch ? { scratch } : {}) };
  const made = JSON.stringify([engine.name, root.identity, mountsOf(draft, maker.paths), environment.path, maker.user]);
  const pod = { ...draft, id: podId(environment.name, worktree, made) };
  const definition = entryOperations(pod, engine.joins(pod), maker.user, engine.server?.(pod.id))[0]?.numbers?.[2];
  return { ...pod, definition: BigInt(definition ?? 0) };
}

function podId(name: string, worktree: Worktree, made: string): string {
  const hash = createHash("sha256").update(worktree.root).update("\0").update(made).digest("hex").slice(0, 12);
  const words = `${name}-${basename(worktree.root)}`.replaceAll(/[^A-Za-z0-9._-]/g, "_").slice(0, 60);
  return `${words}-${hash}`;
}

/** What the policy says of the environment. One that cannot be read still claims the default commands. */
export function policyEnvironment(bound: BoundPod): PolicyEnvironment {
  const { environment } = bound;
  const commands = splitCommands(environment?.commands ?? [], environment?.defaultCommands ?? true);
  const host = splitHost(environment?.host ?? []);
  return {
    name: bound.environmentName,
    commands: commands.names,
    commandGlobs: commands.globs,
    hostNames: host.names,
    hostPaths: host.paths,
  };
}
