import { finished } from "node:stream/promises";
import { QpodError, status } from "../base/errors.ts";
import { run } from "../process/run.ts";
import { shellStatus } from "../process/signals.ts";
import { type Child, type Ended, startChild } from "./child.ts";
import { makeFifo } from "./fifo.ts";
import { becomeArguments, type Place, placeOf } from "./place.ts";
import { commandChannels, type Trace, type TraceOptions } from "./trace.ts";
import { Events } from "./trace-stream.ts";

export interface LibraryTraceOptions extends Omit<TraceOptions, "calls" | "inject" | "descriptors"> {
  /** Names, with `*`; all that the program itself calls when left out. */
  functions?: readonly string[] | undefined;
}

/**
 * Runs a command under ltrace, which must be where the command is: it reads the libraries there. Programs that were
 * linked without a table of what they import (static, or prelinked against it) have no such calls to tell.
 * @throws QpodError when ltrace is not there.
 */
export async function traceLibraries(command: readonly [string, ...string[]], options: LibraryTraceOptions = {}): Promise<Trace> {
  const args = ltraceArguments(options);
  const place = await placeOf(options);
  await requireLtrace(place, options);
  const fifo = await makeFifo();
  try {
    const { channels, free } = commandChannels(options);
    channels.set(free, fifo.writer);
    const argv: [string, ...string[]] = [...becomeArguments({ place }), "ltrace", ...args, "-o", `/proc/self/fd/${free}`, "--", ...command];
    const child = await startChild(argv, channels, options);
    const events = new Events(0, true);
    fifo.readable.pipe(events);
    const { stdin, stdout, stderr } = child.process;
    return { stdin, stdout, stderr, events, ended: endOfCommand(child, events), kill: (signal) => events.kill(signal) };
  } catch (error) {
    fifo.readable.destroy();
    throw error;
  } finally {
    fifo.closeWriter();
  }
}

/** ltrace's own status is not the command's. */
async function endOfCommand(child: Child, events: Events): Promise<Ended> {
  const [ended] = await Promise.all([child.ended, finished(events, { writable: false })]);
  const { status, signal } = events.commandExit ?? {};
  if (status !== undefined) return { status };
  if (signal === undefined) return ended;
  return { status: shellStatus(undefined, signal), signal: signal as NodeJS.Signals };
}

function ltraceArguments({ functions, stringSize = 128 }: LibraryTraceOptions): string[] {
  const args = ["-f", "-ttt", "-T", "-s", String(stringSize)];
  const odd = functions?.find((one) => !/^[\w.*?@]+$/.test(one));
  if (odd !== undefined)
    throw new QpodError({
      fact: `'${odd}' names no function`,
      remedy: "It is a name, such as getaddrinfo or pthread_*.",
      status: status.usage,
    });
  return functions ? [...args, "-e", functions.join("+")] : args;
}

async function requireLtrace(place: Place, { cwd, env }: LibraryTraceOptions): Promise<void> {
  const { status } = await run([...becomeArguments({ place }), "ltrace", "--version"], { cwd, env });
  if (status !== 0) throw noLtrace(place);
}

const noLtrace = (place: Place) =>
  new QpodError({
    fact: place.kind === "host" ? "ltrace is not installed on the host" : "ltrace is not installed in the environment",
    remedy:
      place.kind === "host"
        ? "Install the package `ltrace`."
        : "Add the package `ltrace` to the environment, or trace system calls, which needs nothing there.",
  });
