import { createInterface } from "node:readline";
import { PassThrough } from "node:stream";
import { QpodError } from "../base/errors.ts";
import { type Command, command } from "./command.ts";
import { CommandError } from "./command-error.ts";
import { signalNumber } from "./signals.ts";

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
  remedy?: string | undefined;
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
 * Runs a tool of qpod's own, started the one-shot way: nothing of ours stays behind it.
 * @throws QpodError when it cannot be started; an exit status other than 0 is a result, not an error.
 */
export async function run(argv: readonly [string, ...string[]], options: RunOptions = {}): Promise<RunResult> {
  const [program, ...args] = argv;
  const tool = command(program, args)
    .way("one-shot")
    .envNone()
    .env(options.env ?? process.env);
  if (options.cwd !== undefined) tool.cwd(options.cwd);
  if (options.input !== undefined) tool.input(options.input);
  if (options.inherit) tool.stdin("inherit").stdout("inherit").stderr("inherit");
  const gathered = { channel: [] as Buffer[], stdout: [] as Buffer[], stderr: [] as Buffer[] };
  if (options.channel) tool.readFrom(3, gather(gathered.channel));
  if (options.onLine && !options.inherit) watchLines(tool, options, gathered);
  const result = await tool.outcome().catch((error: unknown) => {
    throw explain(error, program, options.remedy);
  });
  // Tools of qpod's own that are missing are an error like any other that keeps it from its work.
  if (result.failure) throw explain(result.failure, program, options.remedy);
  const text = (name: "stdout" | "stderr") => result[name] + Buffer.concat(gathered[name]).toString("utf8");
  return {
    status: result.exitCode ?? 128 + (result.signal ? (signalNumber(result.signal) ?? 0) : 0),
    signal: result.signal ?? null,
    stdout: text("stdout"),
    stderr: text("stderr"),
    channel: Buffer.concat(gathered.channel),
  };
}

function gather(chunks: Buffer[]): PassThrough {
  return new PassThrough().on("data", (chunk: Buffer) => chunks.push(chunk));
}

function watchLines(tool: Command, { onLine, lines }: RunOptions, gathered: Record<"stdout" | "stderr", Buffer[]>): void {
  for (const name of lines === "both" ? (["stdout", "stderr"] as const) : (["stderr"] as const)) {
    const stream = gather(gathered[name]);
    createInterface({ input: stream, crlfDelay: Number.POSITIVE_INFINITY }).on("line", (line) => onLine?.(line));
    tool[name](stream);
  }
}

function explain(error: unknown, program: string, remedy: string | undefined): unknown {
  if (!(error instanceof CommandError)) return error;
  const reason = error.kind === "exec" && error.code === "ENOENT" ? "it is not installed" : error.reason;
  return new QpodError({ fact: `cannot run ${program}: ${reason}`, remedy, cause: error });
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
