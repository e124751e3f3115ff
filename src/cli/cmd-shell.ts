import { formatError, QpodError } from "../base/errors.ts";
import type { Paths } from "../base/paths.ts";
import { findBindings } from "../config/bound.ts";
import { publish } from "../engine/publish.ts";
import { qpodFolder } from "../launch/locate.ts";
import { handOver } from "../launch/plan.ts";
import { findWorktree } from "../repo/find.ts";
import type { Worktree } from "../repo/worktree.ts";
import { commandLineSession, commandSession, interactiveSession } from "../session/start-session.ts";
import type { Input } from "./command.ts";
import { makeMaker } from "./context.ts";

/** Starts a session; the program in front of Node becomes the shell, or the command. */
export async function run({ args, options, paths }: Input): Promise<number> {
  const { bound, problems } = await publish(makeMaker(paths));
  const name = args[0];
  const isInteractive = name === undefined && typeof options.c !== "string";
  await sayWhatDoesNotCount(paths, ({ root }) => isInteractive || !bound.some(({ worktree }) => worktree.root === root));
  if (typeof options.c === "string") {
    handOver(commandLineSession(paths, process.env, options.c, args.length).plan);
  } else if (name !== undefined) {
    handOver(commandSession(paths, process.env, name, args.length).plan);
  } else {
    const { plan, program } = interactiveSession(paths, process.env);
    for (const problem of problems) process.stderr.write(`${formatError(problem)}\n`);
    process.stderr.write(`launching ${program} in qpod mode (using qpod in ${qpodFolder()})\n`);
    handOver(plan);
  }
  return 0;
}

/**
 * Bindings that do not count yet are easily forgotten: then the host's tools are used.
 * @param isWanted false where the commands will say it themselves, for they fail.
 */
async function sayWhatDoesNotCount(paths: Paths, isWanted: (worktree: Worktree) => boolean): Promise<void> {
  try {
    const worktree = findWorktree();
    if (!worktree || !isWanted(worktree)) return;
    const { ignored } = await findBindings(worktree, paths);
    const open = ignored.find(({ trust }) => trust !== "denied");
    if (open) throw open.error;
  } catch (error) {
    // Whatever a repository brings, a shell can be started in it.
    if (!(error instanceof QpodError)) throw error;
    process.stderr.write(`${formatError(error)}\n`);
  }
}
