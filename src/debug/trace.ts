import type { Readable, Writable } from "node:stream";
import { QpodError } from "../base/errors.ts";
import { type Channel, type Child, type Ended, startChild } from "./child.ts";
import { type Fifo, makeFifo } from "./fifo.ts";
import { becomeArguments, type Place, type Placing, placeOf } from "./place.ts";
import { canFilter, noStrace, straceArguments, type TraceSelection, wantsExec } from "./strace-arguments.ts";
import type { TraceEvent } from "./trace-event.ts";
import { Events } from "./trace-stream.ts";

export interface TraceOptions extends TraceSelection, Placing {
  /** Words of the launcher's that start the command elsewhere, as their child: in a host of a lab. */
  enter?: readonly string[];
  cwd?: string;
  env?: NodeJS.ProcessEnv;
  /** stdin, stdout and stderr of the command; ours when left out. */
  stdio?: readonly [Channel, Channel, Channel];
  /** More descriptors of ours that the command gets, at their numbers. */
  descriptorsPassed?: readonly number[];
}

type Placed = Omit<TraceOptions, "place"> & { place: Place };

export interface Trace {
  /** Events as they happen, to be read with `for await`. While nobody reads, the command waits. */
  events: AsyncIterable<TraceEvent> & NodeJS.ReadableStream;
  /** The command's end; rejects when it could not be traced. */
  ended: Promise<Ended>;
  stdin: Writable | null;
  stdout: Readable | null;
  stderr: NodeJS.ReadableStream | null;
  /** Sends the command a signal. */
  kill(signal: NodeJS.Signals): void;
}

/**
 * Runs a command, and all that it starts, under the host's strace; in a pod too, whose image needs none.
 * @throws QpodError when strace is missing, or what is asked for is not understood.
 */
export async function trace(command: readonly [string, ...string[]], given: TraceOptions = {}): Promise<Trace> {
  const strace = straceArguments(given);
  const options = { ...given, place: await placeOf(given) };
  const isInjecting = Object.keys(options.inject ?? {}).length > 0;
  const filters = isInjecting ? Promise.resolve(false) : canFilter(options);
  filters.catch(() => {});
  const fifo = await makeFifo();
  try {
    if (await filters) strace.push("--seccomp-bpf");
    return isInjecting ? await attach(command, options, strace, fifo) : await start(command, options, strace, fifo);
  } catch (error) {
    fifo.readable.destroy();
    throw error;
  } finally {
    fifo.closeWriter();
  }
}

/** strace starts the launcher, which goes where the command belongs and becomes it: one process, filtered by the kernel. */
async function start(command: readonly string[], options: Placed, strace: string[], fifo: Fifo): Promise<Trace> {
  const { channels, free } = commandChannels(options);
  const [output, errorOutput] = [free, free + 1];
  channels
    .set(errorOutput, channels.get(2) ?? 2)
    .set(2, "pipe")
    .set(output, fifo.writer);
  const become = becomeArguments({ place: options.place, errorOutput, close: output });
  const argv = ["strace", ...strace, "-o", `/proc/self/fd/${output}`, "--", ...become, ...(options.enter ?? []), ...command] as [
    string,
    ...string[],
  ];
  const child = await startChild(argv, channels, { ...options, missing: noStrace() });
  const events = new Events(options.enter ? 3 : 2, wantsExec(options), options.enter !== undefined);
  fifo.readable.pipe(events);
  const ended = settle(child.ended, listen(child), events);
  const stderr = channels.get(errorOutput) === "pipe" ? child.readable(errorOutput) : null;
  return { ...streams(child), stderr, events, ended, kill: (signal) => events.kill(signal) };
}

/** A call that is made to fail must be the command's, not one of the launcher's: strace attaches when that is done. */
async function attach(command: readonly string[], options: Placed, strace: string[], fifo: Fifo): Promise<Trace> {
  const { channels, free } = commandChannels(options);
  channels.set(free, "pipe");
  const become = becomeArguments({ place: options.place, waits: true, close: free });
  const launched = await startChild([...become, ...(options.enter ?? []), ...command], channels, options);
  const events = new Events(options.enter ? 2 : 1, wantsExec(options), options.enter !== undefined);
  const { pid } = launched.process;
  const kill = (signal: NodeJS.Signals) => void launched.process.kill(signal);
  const trace = { ...streams(launched), stderr: launched.process.stderr, events, kill };
  const isReady = await new Promise<boolean>((resolve) => {
    launched
      .readable(free)
      .once("data", () => resolve(true))
      .once("end", () => resolve(false));
  });
  if (!isReady || pid === undefined) {
    // It has said why it cannot become the command.
    events.end();
    return { ...trace, ended: launched.ended };
  }
  const argv = ["strace", ...strace, "-o", "/proc/self/fd/3", "-p", String(pid)] as [string, ...string[]];
  const tracing = new Map<number, Channel>([
    [0, "ignore"],
    [1, "ignore"],
    [2, "pipe"],
    [3, fifo.writer],
  ]);
  let tracer: Child;
  try {
    tracer = await startChild(argv, tracing, { ...options, missing: noStrace() });
  } catch (error) {
    launched.process.kill("SIGKILL");
    throw error;
  }
  const words = listen(tracer, (line) => {
    if (line.includes(`Process ${pid} attached`)) launched.process.kill("SIGUSR1");
  });
  fifo.readable.pipe(events);
  const ended = settle(tracer.ended, words, events).then(
    () => launched.ended,
    (error) => {
      launched.process.kill("SIGKILL");
      throw error;
    },
  );
  return { ...trace, ended };
}

const streams = ({ process: { stdin, stdout } }: Child) => ({ stdin, stdout });

/** The command's own descriptors, and the first number that is free for ours. */
export function commandChannels({ stdio = [0, 1, 2], descriptorsPassed = [] }: TraceOptions) {
  const channels = new Map<number, Channel>(stdio.map((channel, number) => [number, channel]));
  for (const descriptor of descriptorsPassed) channels.set(descriptor, descriptor);
  return { channels, free: Math.max(...channels.keys()) + 1 };
}

/** strace's own words, which are not the command's. */
async function listen(child: Child, onLine: (line: string) => void = () => {}): Promise<string[]> {
  const lines: string[] = [];
  let rest = "";
  const take = (line: string) => {
    onLine(line);
    if (/^strace: (?!Process \d+ (attached|detached))/.test(line)) lines.push(line.slice("strace: ".length));
  };
  for await (const chunk of child.readable(2)) {
    const parts = (rest + chunk).split("\n");
    rest = parts.pop() ?? "";
    parts.forEach(take);
  }
  if (rest) take(rest);
  return lines;
}

async function settle(ended: Promise<Ended>, words: Promise<string[]>, events: Events): Promise<Ended> {
  const [end, lines] = await Promise.all([ended, words]);
  if (events.sawProgram || end.status === 0) return end;
  throw new QpodError({
    fact: `strace could not trace: ${lines.at(0) ?? `it ended with status ${end.status}`}`,
    remedy: lines.some((line) => /not permitted/.test(line))
      ? "Tracing is forbidden here: by the container's seccomp profile, or /proc/sys/kernel/yama/ptrace_scope."
      : undefined,
  });
}
