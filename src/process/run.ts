import { PassThrough } from "node:stream";
import { QpodError } from "../base/errors.ts";
import type { Command } from "./command.ts";
import { shellStatus } from "./signals.ts";
import { explainStart, type ToolOptions, tool } from "./tool.ts";

export interface RunOptions extends ToolOptions {
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
  const [program] = argv;
  const started = tool(argv, options);
  if (options.input !== undefined) started.input(options.input);
  if (options.inherit) started.stdin("inherit").stdout("inherit").stderr("inherit");
  const gathered = { channel: [] as Buffer[], stdout: [] as Buffer[], stderr: [] as Buffer[] };
  if (options.channel) started.readFrom(3, gather(gathered.channel));
  if (options.onLine && !options.inherit) await watchLines(started, options, gathered);
  const missing = new QpodError({ fact: `cannot run ${program}: it is not installed`, remedy: options.remedy });
  const result = await started.outcome().catch((error: unknown) => {
    throw explainStart(error, program, missing);
  });
  // Tools of qpod's own that are missing are an error like any other that keeps it from its work.
  if (result.failure) throw explainStart(result.failure, program, missing);
  const text = (name: "stdout" | "stderr") => result[name] + Buffer.concat(gathered[name]).toString("utf8");
  return {
    status: shellStatus(result.exitCode, result.signal),
    signal: result.signal ?? null,
    stdout: text("stdout"),
    stderr: text("stderr"),
    channel: Buffer.concat(gathered.channel),
  };
}

function gather(chunks: Buffer[]): PassThrough {
  return new PassThrough().on("data", (chunk: Buffer) => chunks.push(chunk));
}

async function watchLines(started: Command, { onLine, lines }: RunOptions, gathered: Record<"stdout" | "stderr", Buffer[]>): Promise<void> {
  // Most calls watch nothing, and it takes a while to load.
  const { createInterface } = await import("node:readline");
  for (const name of lines === "both" ? (["stdout", "stderr"] as const) : (["stderr"] as const)) {
    const stream = gather(gathered[name]);
    createInterface({ input: stream, crlfDelay: Number.POSITIVE_INFINITY }).on("line", (line) => onLine?.(line));
    started[name](stream);
  }
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
