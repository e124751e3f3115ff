import { QpodError } from "../base/errors.ts";
import { closeFolder, makePrivateFolder, type Paths } from "../base/paths.ts";
import { type Progress, terminalProgress } from "../base/progress.ts";
import { type PodMaker, podMaker } from "../engine/bound-pods.ts";
import { dockerEngine } from "../engine/docker.ts";
import { embeddedEngine } from "../engine/embedded.ts";
import type { Engine } from "../engine/engine.ts";
import { podmanEngine } from "../engine/podman.ts";
import { findWorktree } from "../repo/find.ts";
import type { Worktree } from "../repo/worktree.ts";

export function allEngines(paths: Paths): Engine[] {
  return [embeddedEngine(paths), podmanEngine(paths), dockerEngine(paths)];
}

/** Whatever deals with pods reads and writes the runtime folder, which in /tmp somebody else may have made. */
export function makeMaker(paths: Paths): PodMaker {
  makePrivateFolder(paths.runtime);
  closeFolder(paths.data);
  closeFolder(paths.state);
  return podMaker(paths, allEngines(paths));
}

/** The work tree that the command was called in. */
export function requireWorktree(): Worktree {
  const worktree = findWorktree();
  if (worktree) return worktree;
  throw new QpodError({
    fact: `${process.cwd()} is not in a git repository`,
    remedy: "Go to the repository's folder first; `git init` makes one.",
  });
}

/** Runs an action with progress on the terminal, which is left clean whatever happens. */
export async function withProgress<T>(action: (progress: Progress) => Promise<T>): Promise<T> {
  const progress = terminalProgress();
  try {
    return await action(progress);
  } finally {
    progress.end();
  }
}
