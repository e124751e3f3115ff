/** What became of a command: the same shape whether it succeeded or not. */
export interface Result<Out extends string | Buffer = string> {
  /** The quoted command line. */
  command: string;
  /** Why it was never the program, where that is a result: `outcome()` of a program that cannot be run. */
  failure: CommandError | undefined;
  /** Undefined when it was ended by a signal. */
  exitCode: number | undefined;
  signal: NodeJS.Signals | undefined;
  /** What was captured; empty when nothing was, or when it went elsewhere. */
  stdout: Out;
  stderr: Out;
  /** Its process; of a daemon, the daemon's. */
  pid: number | undefined;
  /** Milliseconds from start to end. */
  duration: number;
  timedOut: boolean;
  aborted: boolean;
}

/**
 * Why a command failed:
 * - `set-up`: a step before it became the program; `step`, `argument` and `code` say which, on what, and why
 * - `exec`: it could not become the program; `code` says why (ENOENT, EACCES, ENOEXEC ...)
 * - `exit`: it ended with a status other than 0
 * - `signal`: it was ended by a signal
 * - `mistake`: it was told something wrong, at `place`; nothing was started
 * - `refused`: what was asked cannot be had here; nothing was started
 * - `lost`: the launcher ended under it, so that nobody knows what became of it
 */
export type FailureKind = "set-up" | "exec" | "exit" | "signal" | "mistake" | "refused" | "lost";

export interface Failure {
  kind: FailureKind;
  /** One sentence without the command. */
  cause: string;
  code?: string | undefined;
  step?: string | undefined;
  argument?: string | undefined;
  place?: string | undefined;
}

/** The one error of this library. `message` has the cause, the quoted command line, and the end of stderr. */
export class CommandError<Out extends string | Buffer = string | Buffer> extends Error {
  readonly kind: FailureKind;
  /** The cause alone. */
  readonly reason: string;
  /** The errno's name, of `set-up` and `exec`; ENOTSUP of `refused`. */
  readonly code: string | undefined;
  readonly step: string | undefined;
  readonly argument: string | undefined;
  /** `file:line:column` of a mistake. */
  readonly place: string | undefined;
  /** What was gathered until then; absent when nothing was started. */
  readonly result: Result<Out> | undefined;
  readonly exitCode: number | undefined;
  readonly signal: NodeJS.Signals | undefined;
  readonly timedOut: boolean;
  readonly aborted: boolean;

  constructor(failure: Failure, command: string, result?: Result<Out>) {
    super(describe(failure, command, result));
    this.name = "CommandError";
    this.kind = failure.kind;
    this.reason = failure.cause;
    this.code = failure.code;
    this.step = failure.step;
    this.argument = failure.argument;
    this.place = failure.place;
    this.result = result;
    this.exitCode = result?.exitCode;
    this.signal = result?.signal;
    this.timedOut = result?.timedOut ?? false;
    this.aborted = result?.aborted ?? false;
  }
}

const TAIL_LINES = 8;
const TAIL_LENGTH = 2000;

function describe(failure: Failure, command: string, result: Result<string | Buffer> | undefined): string {
  const where = failure.place ? `${failure.place}: ` : "";
  const tail = result?.stderr.toString().trimEnd().slice(-TAIL_LENGTH).split("\n").slice(-TAIL_LINES).join("\n");
  return `${where}${failure.cause}: ${command}${tail ? `\n${tail}` : ""}`;
}
