import { QpodError } from "../base/errors.ts";
import { findPaths, makePrivateFolder } from "../base/paths.ts";
import { quiet } from "../base/progress.ts";
import { loadEnvironment } from "../config/find.ts";
import { type BoundPod, type PodMaker, planPod, podMaker } from "../engine/bound-pods.ts";
import { prepareRoot } from "../engine/bring-up.ts";
import { chooseRule } from "../engine/choose-rule.ts";
import { dockerEngine } from "../engine/docker.ts";
import { embeddedEngine } from "../engine/embedded.ts";
import { podmanEngine } from "../engine/podman.ts";
import { publish, writeStartFile } from "../engine/publish.ts";
import type { Enterable } from "../process/settings.ts";
import { findWorktree } from "../repo/find.ts";
import type { Worktree } from "../repo/worktree.ts";

export interface EnvironmentOptions {
  /** Where the work tree is looked for; the present folder. */
  directory?: string;
  /** Root of the pod, to install packages. */
  root?: boolean;
}

/**
 * An environment that commands can run in: `command("make").in(environment("old"))`. Without a name, the one that the
 * work tree is bound to on its branch, as `qpod run` chooses it. Its pod is looked for, and its root filesystem got
 * ready, at the first command; later ones know.
 */
export function environment(name?: string, options: EnvironmentOptions = {}): Enterable {
  let ticket: ReturnType<Enterable["enter"]> | undefined;
  return {
    enter() {
      ticket ??= prepare(name, options).catch((error: unknown) => {
        // What was in the way may be gone the next time.
        ticket = undefined;
        throw error;
      });
      return ticket;
    },
  };
}

async function prepare(name: string | undefined, { directory = process.cwd(), root = false }: EnvironmentOptions) {
  const paths = findPaths();
  makePrivateFolder(paths.runtime);
  const maker = podMaker(paths, [embeddedEngine(paths), podmanEngine(paths), dockerEngine(paths)]);
  const worktree = findWorktree(directory);
  const bound = name === undefined ? await findBoundPod(maker, worktree, directory) : await planNamed(maker, worktree, directory, name);
  const wasPrepared = bound.pod !== undefined;
  const pod = await prepareRoot(maker, bound, quiet);
  // The policy names the pod by its root, and tells the launcher how qpod is started.
  if (!wasPrepared || name !== undefined) await publish(maker);
  writeStartFile(maker, bound);
  return { runtime: paths.runtime, pod: pod.id, definition: pod.definition, root };
}

async function findBoundPod(maker: PodMaker, worktree: Worktree | undefined, directory: string): Promise<BoundPod> {
  const rule = worktree && (await chooseRule(maker, worktree));
  if (rule) return rule.pod;
  throw new QpodError({
    fact: `${worktree?.root ?? directory} is not bound to an environment`,
    remedy: "Bind it with `qpod init ENVIRONMENT`, or name one: environment(NAME).",
  });
}

function planNamed(maker: PodMaker, worktree: Worktree | undefined, directory: string, name: string): Promise<BoundPod> {
  const tree = worktree ?? { root: directory, gitDir: directory, commonDir: directory };
  return planPod(maker, tree, () => loadEnvironment(name, maker.paths), name);
}
