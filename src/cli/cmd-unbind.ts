import { status } from "../base/errors.ts";
import { judgeRepositoryFile } from "../config/repository-file.ts";
import { publish } from "../engine/publish.ts";
import { forgetRepository, readBindings, unbindRepository } from "../repo/repository.ts";
import type { Input } from "./command.ts";
import { makeMaker, requireWorktree } from "./context.ts";

/** Takes back the user's own bindings; a committed file is not ours to change. */
export async function run({ options, paths, output }: Input): Promise<number> {
  const worktree = requireWorktree();
  if (readBindings(worktree.commonDir, paths.state).state === "lost") {
    await forgetRepository(worktree, paths.state);
    await publish(makeMaker(paths));
    output.line("forgot the bindings that were gone; commands run on the host");
    return status.ok;
  }
  const removed = await unbindRepository(worktree, paths.state, typeof options.branch === "string" ? options.branch : undefined);
  await publish(makeMaker(paths));
  for (const { branch, environment } of removed) output.line(`unbound ${branch || "every branch"} from ${environment}`);
  if (removed.length === 0) output.line("there was no such binding");
  const committed = judgeRepositoryFile(worktree.root, paths.state);
  if (committed?.trust === "allowed") output.line(`${committed.path} still binds it: \`qpod deny\` or remove the file`);
  return removed.length > 0 ? status.ok : status.no;
}
