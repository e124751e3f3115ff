import type { Readable } from "node:stream";
import { QpodError } from "../base/errors.ts";
import type { Child as ProcessChild } from "../process/child.ts";
import { type Command, command } from "../process/command.ts";
import { CommandError } from "../process/command-error.ts";
import { signalNumber } from "../process/signals.ts";

/** What a descriptor of the child is: one of ours, a pipe, or nothing. */
export type Channel = "pipe" | "ignore" | number;

/** Above 2, a "pipe" is read by us, and this one is written. */
export type AnyChannel = Channel | "pipe-to";

export interface Ended {
  /** 128 + n for death by signal n, as shells say it. */
  status: number;
  signal?: NodeJS.Signals;
}

export interface Child {
  process: ProcessChild;
  /** Resolves when the child has ended, whoever still holds its pipes. */
  ended: Promise<Ended>;
  readable(descriptor: number): Readable;
}

/**
 * Starts a program with these descriptors and no others.
 * @param missing what to say when there is no such program.
 */
export async function startChild(
  argv: readonly [string, ...string[]],
  channels: ReadonlyMap<number, AnyChannel>,
  options: { cwd?: string | undefined; env?: NodeJS.ProcessEnv | undefined; missing: QpodError },
): Promise<Child> {
  const [program, ...args] = argv;
  const tool = command(program, args)
    .way("one-shot")
    .envNone()
    .env(options.env ?? process.env);
  if (options.cwd !== undefined) tool.cwd(options.cwd);
  const usual = (fd: number) => inWords(channels.get(fd) ?? "ignore");
  tool.stdin(usual(0)).stdout(usual(1)).stderr(usual(2));
  for (const [fd, channel] of channels) if (fd > 2) give(tool, fd, channel);
  const child = await tool.start().catch((error: unknown) => {
    if (!(error instanceof CommandError)) throw error;
    if (error.kind === "exec" && error.code === "ENOENT") throw options.missing;
    throw new QpodError({ fact: `cannot run ${program}: ${error.code ?? error.reason}`, cause: error });
  });
  const ended = child.outcome().then(({ exitCode, signal }): Ended => {
    const status = exitCode ?? 128 + (signal ? (signalNumber(signal) ?? 0) : 0);
    return { status, ...(signal ? { signal } : {}) };
  });
  return { process: child, ended, readable: (descriptor) => child.stream(descriptor) as Readable };
}

const inWords = (channel: AnyChannel) => (typeof channel === "number" ? channel : channel === "ignore" ? "null" : "pipe");

function give(tool: Command, fd: number, channel: AnyChannel): void {
  if (channel === "ignore") tool.nullAt(fd);
  else if (channel === "pipe") tool.pipeFrom(fd);
  else if (channel === "pipe-to") tool.pipeTo(fd);
  else tool.passFd(channel, { as: fd });
}
