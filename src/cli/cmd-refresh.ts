import { publish } from "../engine/publish.ts";
import { endSuperseded } from "../engine/superseded.ts";
import { findWorktree } from "../repo/find.ts";
import { noteRepository } from "../repo/repository.ts";
import type { Input } from "./command.ts";
import { makeMaker } from "./context.ts";

/** Compiles the policy again; called by the launcher when it is missing, or when a work tree is new or was moved. */
export async function run({ args, paths }: Input): Promise<number> {
  const worktree = args[0] === undefined ? undefined : findWorktree(args[0]);
  if (worktree) await noteRepository(worktree, paths.state);
  const maker = makeMaker(paths);
  await publish(maker);
  // A changed definition is noticed here, before the first command that it is for.
  await endSuperseded(maker);
  return 0;
}
