import { QpodError } from "../base/errors.ts";
import type { Command } from "./command.ts";
import { command } from "./make-command.ts";
import { CommandError } from "./outcome.ts";

export interface ToolOptions {
  cwd?: string | undefined;
  /** All of its variables; ours when left out. */
  env?: NodeJS.ProcessEnv | undefined;
}

/** A program that qpod starts for itself, the one-shot way: nothing of ours stays behind it. */
export function tool(argv: readonly [string, ...string[]], { cwd, env = process.env }: ToolOptions): Command {
  const [program, ...args] = argv;
  const made = command(program, args).way("one-shot").envNone().env(env);
  return cwd === undefined ? made : made.cwd(cwd);
}

/** The error for who wanted `program` for something else: it says what to do, not what the library was told. */
export function explainStart(error: unknown, program: string, missing: QpodError): unknown {
  if (!(error instanceof CommandError)) return error;
  if (error.kind === "exec" && error.code === "ENOENT") return missing;
  const { reason } = error;
  const fact = reason.startsWith("cannot run ") ? reason : `cannot run ${program}: ${reason}`;
  return new QpodError({ fact, remedy: missing.remedy, cause: error });
}
