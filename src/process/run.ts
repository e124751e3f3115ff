import { type StdioOptions, spawn } from "node:child_process";
import { constants } from "node:os";
import { createInterface } from "node:readline";
import { errnoOf, QpodError } from "../base/errors.ts";

export interface RunOptions {
  cwd?: string;
  env?: NodeJS.ProcessEnv;
  /** Written to stdin, which is /dev/null otherwise. */
  input?: string | Uint8Array;
  /** Each line of stderr (and of stdout with `lines: "both"`) as it comes; `\r` ends a line too. */
  onLine?: (line: string) => void;
  lines?: "stderr" | "both";
  /** Give the child our own terminal for all three; nothing is captured. */
  inherit?: boolean;
  /** Gather what the child writes to descriptor 3. */
  channel?: boolean;
  /** What to do if the program is missing, for the error. */
  remedy?: string;
}

export interface RunResult {
  /** Exit status; 128 + n for death by signal n, as shells say it. */
  status: number;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
  /** From descriptor 3. */
  channel: Buffer;
}

/**
 * Runs a program, without a shell, and waits for its end.
 * @throws QpodError when it cannot be started; an exit status other than 0 is a result, not an error.
 */
export function run(argv: readonly [string, ...string[]], options: RunOptions = {}): Promise<RunResult> {
  const [program, ...args] = argv;
  const stdio: StdioOptions = options.inherit
    ? ["inherit", "inherit", "inherit"]
    : [options.input === undefined ? "ignore" : "pipe", "pipe", "pipe"];
  if (options.channel) stdio.push("pipe");
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio, cwd: options.cwd, env: options.env ?? process.env });
    const chunks = { stdout: [] as Buffer[], stderr: [] as Buffer[] };
    for (const name of ["stdout", "stderr"] as const) {
      const stream = child[name];
      if (!stream) continue;
      stream.on("data", (chunk: Buffer) => chunks[name].push(chunk));
      if (options.onLine && (name === "stderr" || options.lines === "both")) {
        createInterface({ input: stream, crlfDelay: Number.POSITIVE_INFINITY }).on("line", options.onLine);
      }
    }
    const channel: Buffer[] = [];
    const third = child.stdio[3];
    if (third && "on" in third) third.on("data", (chunk: Buffer) => channel.push(chunk));
    // A child that closes its stdin early is no failure of ours.
    child.stdin?.on("error", () => {});
    if (options.input !== undefined) child.stdin?.end(options.input);
    child.on("error", (error) => {
      const reason = errnoOf(error) === "ENOENT" ? "it is not installed" : (errnoOf(error) ?? String(error));
      reject(new QpodError({ fact: `cannot run ${program}: ${reason}`, remedy: options.remedy, cause: error }));
    });
    child.on("close", (code, signal) => {
      const text = (name: "stdout" | "stderr") => Buffer.concat(chunks[name]).toString("utf8");
      resolve({
        status: code ?? 128 + signalNumber(signal),
        signal,
        stdout: text("stdout"),
        stderr: text("stderr"),
        channel: Buffer.concat(channel),
      });
    });
  });
}

/** The same, where failure is an error that shows the command's last words. */
export async function runOrFail(argv: readonly [string, ...string[]], options: RunOptions = {}): Promise<RunResult> {
  const result = await run(argv, options);
  if (result.status === 0) return result;
  const how = result.signal ? `was ended by ${result.signal}` : `failed with status ${result.status}`;
  const words = lastWords(result.stderr || result.stdout);
  throw new QpodError({ fact: `${argv.slice(0, 2).join(" ")} ${how}${words ? `: ${words}` : ""}`, remedy: options.remedy });
}

/** The last line with something on it, which is where programs say what went wrong. */
export function lastWords(text: string): string {
  return (
    text
      .split(/[\r\n]+/)
      .map((line) => line.trim())
      .filter(Boolean)
      .at(-1) ?? ""
  );
}

function signalNumber(signal: NodeJS.Signals | null): number {
  return signal ? (signals[signal] ?? 0) : 0;
}
const signals = constants.signals as Partial<Record<NodeJS.Signals, number>>;
