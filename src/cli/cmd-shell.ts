import { formatError, QpodError } from "../base/errors.ts";
import type { Paths } from "../base/paths.ts";
import { judgeRepositoryFile, notAllowed } from "../config/repository-file.ts";
import { publish } from "../engine/publish.ts";
import { qpodFolder } from "../launch/locate.ts";
import { handOver } from "../launch/plan.ts";
import { findWorktree } from "../repo/find.ts";
import { commandLineSession, commandSession, interactiveSession } from "../session/start-session.ts";
import type { Input } from "./command.ts";
import { makeMaker } from "./context.ts";

/** Starts a session; the program in front of Node becomes the shell, or the command. */
export async function run({ args, options, paths }: Input): Promise<number> {
  const { problems } = await publish(makeMaker(paths));
  const name = args[0];
  if (typeof options.c === "string") {
    handOver(commandLineSession(paths, process.env, options.c, args.length).plan);
  } else if (name !== undefined) {
    handOver(commandSession(paths, process.env, name, args.length).plan);
  } else {
    const { plan, program } = interactiveSession(paths, process.env);
    for (const problem of problems) process.stderr.write(`${formatError(problem)}\n`);
    hintAtRepositoryFile(paths);
    process.stderr.write(`launching ${program} in qpod mode (using qpod in ${qpodFolder()})\n`);
    handOver(plan);
  }
  return 0;
}

/** A committed file that does not count yet is easily forgotten: then the host's tools are used. */
function hintAtRepositoryFile(paths: Paths): void {
  try {
    const worktree = findWorktree();
    const file = worktree && judgeRepositoryFile(worktree.root, paths.state);
    if (file && (file.trust === "unknown" || file.trust === "changed")) throw notAllowed(file);
  } catch (error) {
    // Whatever a repository brings, a shell can be started in it.
    if (!(error instanceof QpodError)) throw error;
    process.stderr.write(`${formatError(error)}\n`);
  }
}
