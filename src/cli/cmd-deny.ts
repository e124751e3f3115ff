import { QpodError } from "../base/errors.ts";
import { judgeRepositoryFile } from "../config/repository-file.ts";
import { setTrust } from "../config/trust.ts";
import { publish } from "../engine/publish.ts";
import type { Input } from "./command.ts";
import { makeMaker, requireWorktree } from "./context.ts";

/** Refuses the committed file, whatever becomes of it. */
export async function run({ paths, output }: Input): Promise<number> {
  const worktree = requireWorktree();
  const committed = judgeRepositoryFile(worktree.root, paths.state);
  if (!committed) throw new QpodError({ fact: `${worktree.root} has no .qpod.yaml to deny` });
  await setTrust(paths.state, committed.path, committed.sha256, "denied");
  await publish(makeMaker(paths));
  output.line(`denied ${committed.path}`);
  return 0;
}
