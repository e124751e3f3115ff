import { formatError, QpodError } from "../base/errors.ts";
import type { Paths } from "../base/paths.ts";
import { findBindings } from "../config/bound.ts";
import type { BoundWorktree } from "../engine/find-bound.ts";
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
  await sayWhatDoesNotCount(paths, isInteractive ? undefined : bound);
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
 * @param bound for a single command: work trees whose commands will say it themselves, since they fail.
 */
async function sayWhatDoesNotCount(paths: Paths, bound?: readonly BoundWorktree[]): Promise<void> {
  let worktree: Worktree | undefined;
  try {
    worktree = findWorktree();
    if (!worktree || bound?.some((one) => one.worktree.root === worktree?.root)) return;
    const { ignored } = await findBindings(worktree, paths);
    const open = ignored.find(({ trust }) => trust !== "denied");
    if (open) throw open.error;
  } catch (error) {
    // Whatever a repository brings, a shell can be started in it.
    if (!(error instanceof QpodError)) throw error;
    // A folder in which git finds nothing either is no news to a single command.
    if (worktree || !bound) process.stderr.write(`${formatError(error)}\n`);
  }
}
