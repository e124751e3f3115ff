import { QpodError } from "../base/errors.ts";
import { judgeRepositoryFile, parseRepositoryFile } from "../config/repository-file.ts";
import { setTrust } from "../config/trust.ts";
import { publish } from "../engine/publish.ts";
import { allowBindings, readBindings, registerRepository } from "../repo/repository.ts";
import type { Input } from "./command.ts";
import { makeMaker, requireWorktree } from "./context.ts";

/** Trusts what the repository says of itself, as it is now: its `.qpod.yaml`, and bindings that came with it. */
export async function run({ paths, output }: Input): Promise<number> {
  const worktree = requireWorktree();
  const own = readBindings(worktree.commonDir, paths.state);
  const committed = judgeRepositoryFile(worktree.root, paths.state);
  if (!committed && (own.state === "unbound" || own.state === "trusted")) {
    throw new QpodError({ fact: `${worktree.root} has no .qpod.yaml to allow`, remedy: "`qpod init ENVIRONMENT` binds it." });
  }
  // A file with mistakes is refused before it is trusted.
  if (committed) await parseRepositoryFile(committed.content, committed.path, paths.home);
  if (own.state === "unknown" || own.state === "changed") {
    for (const { branch, environment } of await allowBindings(worktree, paths.state))
      output.line(`allowed ${branch || "every branch"} -> ${environment}`);
  }
  if (committed) {
    await setTrust(paths.state, committed.path, committed.sha256, "allowed");
    await registerRepository(worktree, paths.state);
    output.line(`allowed ${committed.path}`);
  }
  await publish(makeMaker(paths));
  return 0;
}
