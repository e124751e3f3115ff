import { QpodError } from "../base/errors.ts";
import type { Paths } from "../base/paths.ts";
import { type Binding, bindingFilePath } from "../repo/binding.ts";
import { readBindings } from "../repo/repository.ts";
import type { Worktree } from "../repo/worktree.ts";
import { listWorktrees } from "../repo/worktrees.ts";
import type { Environment } from "./environment.ts";
import { type JudgedFile, judgeRepositoryFile, notAllowed, parseRepositoryFile, repositoryFilePath } from "./repository-file.ts";
import { judgeFile, type Trust } from "./trust.ts";

export interface BoundBinding extends Binding {
  /** The file that says so. */
  file: string;
}

/** All that binds a work tree, the first match wins: the user's own bindings, then the committed ones. */
export interface WorktreeBindings {
  bindings: BoundBinding[];
  /** Definitions that the allowed `.qpod.yaml` brings. */
  environments: Map<string, Environment>;
  /** What is there and does not count, or was there, and why. */
  ignored: { file: string; trust: Exclude<Trust, "allowed"> | "lost"; error: QpodError }[];
}

/** Finds what binds a work tree. A mistake in a file that counts is thrown: a binding never goes away in silence. */
export async function findBindings(worktree: Worktree, paths: Pick<Paths, "state" | "home">): Promise<WorktreeBindings> {
  const found: WorktreeBindings = { bindings: [], environments: new Map(), ignored: [] };
  const own = readBindings(worktree.commonDir, paths.state);
  const ownFile = bindingFilePath(worktree.commonDir);
  if (own.state === "trusted") found.bindings.push(...own.bindings.map((binding) => ({ ...binding, file: ownFile })));
  else if (own.state !== "unbound") found.ignored.push({ file: ownFile, trust: own.state, error: notCounted(ownFile, own.state) });
  const committed = judgeRepositoryFile(worktree.root, paths.state);
  if (!committed) return found;
  if (committed.trust !== "allowed" && !isAllowedBeside(worktree, committed, paths.state)) {
    found.ignored.push({ file: committed.path, trust: committed.trust, error: notAllowed(committed) });
    return found;
  }
  const { bindings, environments } = await parseRepositoryFile(committed.content, committed.path, paths.home);
  found.bindings.push(...bindings.map((binding) => ({ ...binding, file: committed.path })));
  found.environments = environments;
  return found;
}

function notCounted(file: string, state: "unknown" | "changed" | "lost"): QpodError {
  const facts = {
    unknown: "these bindings came with the repository and do not count until you allow them",
    changed: "these bindings are not as you left them",
    lost: "the bindings that you made here are gone",
  };
  const remedy =
    state === "lost"
      ? "`qpod init ENVIRONMENT` binds the repository again; after `qpod unbind` its commands run on the host."
      : "Look at them, then run `qpod allow`.";
  return new QpodError({ fact: facts[state], place: { file }, remedy });
}

/** A new work tree of the same repository brings the very file that was allowed in another one. */
function isAllowedBeside(worktree: Worktree, file: JudgedFile, state: string): boolean {
  if (file.trust !== "unknown") return false;
  const { worktrees } = listWorktrees(worktree.commonDir);
  return worktrees.some(
    (other) => other.root !== worktree.root && judgeFile(state, repositoryFilePath(other.root), file.sha256) === "allowed",
  );
}
