import type { CommandError } from "./command-error.ts";

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
