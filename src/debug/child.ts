import type { Readable } from "node:stream";
import { QpodError } from "../base/errors.ts";
import type { Child as ProcessChild } from "../process/child.ts";
import type { Command } from "../process/command.ts";
import { shellStatus } from "../process/signals.ts";
import { explainStart, type ToolOptions, tool } from "../process/tool.ts";

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
  { missing, ...options }: ToolOptions & { missing?: QpodError } = {},
): Promise<Child> {
  const [program] = argv;
  const started = tool(argv, options);
  const usual = (fd: number) => inWords(channels.get(fd) ?? "ignore");
  started.stdin(usual(0)).stdout(usual(1)).stderr(usual(2));
  for (const [fd, channel] of channels) if (fd > 2) give(started, fd, channel);
  const child = await started.start().catch((error: unknown) => {
    throw explainStart(error, program, missing ?? new QpodError({ fact: `cannot run ${program}: it is not installed` }));
  });
  const ended = child
    .outcome()
    .then(({ exitCode, signal }): Ended => ({ status: shellStatus(exitCode, signal), ...(signal ? { signal } : {}) }));
  return { process: child, ended, readable: (descriptor) => child.stream(descriptor) as Readable };
}

const inWords = (channel: AnyChannel) => (typeof channel === "number" ? channel : channel === "ignore" ? "null" : "pipe");

function give(started: Command, fd: number, channel: AnyChannel): void {
  if (channel === "ignore") started.nullAt(fd);
  else if (channel === "pipe") started.pipeFrom(fd);
  else if (channel === "pipe-to") started.pipeTo(fd);
  else started.passFd(channel, { as: fd });
}
