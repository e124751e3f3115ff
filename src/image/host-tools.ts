import { accessSync, constants } from "node:fs";
import type { Readable, Writable } from "node:stream";
import { errnoOf, QpodError } from "../base/errors.ts";
import { command } from "../process/make-command.ts";
import { CommandError } from "../process/outcome.ts";
import { lastWords } from "../process/run.ts";

/** A program that data streams through. */
export interface Pipe {
  stdin: Writable;
  /** Absent when it was not asked for. */
  stdout: Readable | null;
  kill(): void;
  /** Fails with the program's last words when it does not end well. */
  ended: Promise<void>;
}

/**
 * Starts a program whose stdin, and stdout if it is a "pipe", are streams; its stderr is kept for the error.
 * @param name what the error calls it, when something else stands before it in argv.
 * @throws QpodError when it cannot be started.
 */
export async function startPipe(argv: readonly [string, ...string[]], stdout: "null" | "pipe", name = argv[0]): Promise<Pipe> {
  const [program, ...args] = argv;
  const tool = command(program, args).way("one-shot").stdin("pipe").stdout(stdout).env({ LC_ALL: "C" });
  const child = await tool.start().catch((error: unknown) => {
    const reason = error instanceof CommandError && error.code === "ENOENT" ? "it is not installed" : String(error);
    throw new QpodError({ fact: `cannot run ${program}: ${reason}`, remedy: `Install ${program}.`, cause: error });
  });
  const ended = child.outcome().then((result) => {
    if (result.exitCode !== 0) throw toolFailure(name, result.stderr.slice(-16_384));
  });
  // Whoever waits for it may have failed first.
  ended.catch(() => {});
  return { stdin: child.stdin as Writable, stdout: child.stdout, kill: () => child.kill(), ended };
}

/** The error for a failed tool; a full disk is named as such. */
export function toolFailure(program: string, stderr: string): QpodError {
  const full = /No space left on device|Disk quota exceeded|ENOSPC|no space left|Wrote only \d+ of \d+ bytes/.exec(stderr);
  if (full) return diskFull();
  // tar ends with a summary that says nothing.
  const lines = stderr.split("\n").filter((line) => !/Exiting with failure status|Error is not recoverable/.test(line));
  const words = lastWords(lines.join("\n")).replace(new RegExp(`^\\S*${program.replaceAll(/\W/g, "\\$&")}: `), "");
  return new QpodError({ fact: `${program} failed${words ? `: ${words}` : ""}` });
}

export function diskFull(cause?: unknown): QpodError {
  return new QpodError({
    fact: "the disk with qpod's data folder is full",
    remedy: "`qpod gc` removes what nothing refers to; XDG_DATA_HOME chooses another disk.",
    cause,
  });
}

export function isDiskFull(error: unknown): boolean {
  return ["ENOSPC", "EDQUOT"].includes(errnoOf(error) ?? "");
}

/** A program of the host's, if it is installed; administrators' programs are not always in a user's PATH. */
export function findTool(name: string): string | undefined {
  const path = (process.env.PATH || "/usr/bin:/bin").split(":").filter(Boolean);
  for (const folder of [...path, "/usr/sbin", "/sbin"]) {
    try {
      accessSync(`${folder}/${name}`, constants.X_OK);
      return `${folder}/${name}`;
    } catch {
      // The next one.
    }
  }
  return undefined;
}
