import { loadEnvironment } from "../config/find.ts";
import { shareBinding } from "../config/share-binding.ts";
import { publish } from "../engine/publish.ts";
import { bindRepository, readBindings, registerRepository } from "../repo/repository.ts";
import type { Input } from "./command.ts";
import { makeMaker, requireWorktree } from "./context.ts";

/** Binds the repository of the working directory. */
export async function run({ args, options, paths, output }: Input): Promise<number> {
  const name = args[0] ?? "";
  const worktree = requireWorktree();
  await loadEnvironment(name, paths);
  const branch = typeof options.branch === "string" ? options.branch : "";
  if (options.shared) {
    await shareBinding(worktree.root, paths.state, { environment: name, branch }, paths.home);
    await registerRepository(worktree, paths.state);
  }
  const before = readBindings(worktree.commonDir, paths.state);
  if (!options.shared) await bindRepository(worktree, paths.state, { environment: name, branch });
  await publish(makeMaker(paths));
  const replaced = !options.shared && "bindings" in before ? before.bindings.find((one) => one.branch === branch)?.environment : undefined;
  const instead = replaced === undefined || replaced === name ? "" : `, instead of ${replaced}`;
  output.line(`bound ${worktree.root}${branch ? ` (branches ${branch})` : ""} to ${name}${instead}`);
  if (options.shared) output.line("wrote .qpod.yaml: commit it, and others run `qpod allow` once");
  output.line("start a session with qpod-shell; the pod starts by itself");
  return 0;
}
