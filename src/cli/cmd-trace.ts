import { QpodError, status } from "../base/errors.ts";
import { traceLibraries } from "../debug/ltrace.ts";
import { trace } from "../debug/trace.ts";
import type { TraceEvent } from "../debug/trace-event.ts";
import { chromeWriter, fileWriter, streamWriter, type TraceWriter, traceJson, traceText } from "../debug/trace-writer.ts";
import type { Input } from "./command.ts";
import { findPlace, takeDescriptors } from "./debug-place.ts";

/** Runs a command and tells what it asks of the kernel. */
export async function run(input: Input): Promise<number> {
  const { args, options } = input;
  const descriptorsPassed = takeDescriptors();
  const selection = {
    calls: splitWords(options.calls),
    inject: readFaults(options.inject),
    descriptors: options.descriptors === true,
    stringSize: readSize(options.strings),
  };
  const functions = splitWords(options.functions);
  if (functions && (selection.calls || Object.keys(selection.inject).length > 0 || selection.descriptors))
    throw new QpodError({ fact: "--functions excludes --calls, --inject and --descriptors", status: status.usage });
  const place = await findPlace(input);
  const writers = openWriters(options);
  let release = () => {};
  try {
    const { stringSize } = selection;
    const command = args as [string, ...string[]];
    const traced = functions
      ? await traceLibraries(command, { functions, place, descriptorsPassed, ...(stringSize === undefined ? {} : { stringSize }) })
      : await trace(command, { ...selection, place, descriptorsPassed });
    release = leaveSignalsTo((signal) => traced.kill(signal));
    for await (const event of traced.events) for (const writer of writers) await writer.write(event as unknown as TraceEvent);
    const ended = await traced.ended;
    for (const writer of writers) await writer.end();
    return ended.status;
  } catch (error) {
    for (const writer of writers) writer.abandon();
    throw error;
  } finally {
    release();
  }
}

function openWriters({ json, chrome, output }: Input["options"]): TraceWriter[] {
  const format = json ? traceJson() : traceText();
  const writers: TraceWriter[] = [];
  if (typeof chrome === "string") writers.push(chromeWriter(chrome));
  if (typeof output === "string") writers.push(fileWriter(output, format));
  else if (json || writers.length === 0) writers.push(streamWriter(process.stderr, format));
  return writers;
}

/** What the terminal sends reaches the command by itself; what is sent to us alone is passed on. We end when it does. */
function leaveSignalsTo(kill: (signal: NodeJS.Signals) => void): () => void {
  const typed: NodeJS.Signals[] = ["SIGINT", "SIGQUIT"];
  const sent: NodeJS.Signals[] = ["SIGTERM", "SIGHUP"];
  const ignore = () => {};
  for (const signal of typed) process.on(signal, ignore);
  for (const signal of sent) process.on(signal, kill);
  return () => {
    for (const signal of typed) process.off(signal, ignore);
    for (const signal of sent) process.off(signal, kill);
  };
}

function splitWords(given: Input["options"][string]): string[] | undefined {
  const words = Array.isArray(given) ? given.flatMap((one) => one.split(",")).filter(Boolean) : [];
  return words.length > 0 ? words : undefined;
}

function readFaults(given: Input["options"][string]): Record<string, string> {
  const pairs = (Array.isArray(given) ? given : []).map((one) => {
    const [call = "", ...what] = one.split("=");
    if (!call || what.length === 0)
      throw new QpodError({
        fact: `--inject ${one}: an error is missing`,
        remedy: "Such as --inject connect=ECONNREFUSED.",
        status: status.usage,
      });
    return [call, what.join("=")];
  });
  return Object.fromEntries(pairs);
}

function readSize(given: Input["options"][string]): number | undefined {
  if (typeof given !== "string") return undefined;
  if (/^\d{1,7}$/.test(given)) return Number(given);
  throw new QpodError({ fact: `--strings ${given}: not a number of bytes`, status: status.usage });
}
