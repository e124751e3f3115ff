import { createWriteStream, openSync, renameSync, rmSync } from "node:fs";
import type { Writable } from "node:stream";
import { finished } from "node:stream/promises";
import { errnoOf, QpodError } from "../base/errors.ts";
import { chromeTranslator } from "./trace-chrome.ts";
import type { TraceEvent } from "./trace-event.ts";
import { traceTextWriter } from "./trace-text.ts";

/** Where events go. `write` waits while the reader is slower. */
export interface TraceWriter {
  write(event: TraceEvent): Promise<void>;
  end(): Promise<void>;
  /** Leaves nothing half written. */
  abandon(): void;
}

export const traceText = traceTextWriter;

/** One event per line. */
export function traceJson(): (event: TraceEvent) => string {
  return (event) => `${JSON.stringify(event, (_, value) => (typeof value === "bigint" ? value.toString() : value))}\n`;
}

export function streamWriter(stream: Writable, format: (event: TraceEvent) => string): TraceWriter {
  return { write: (event) => put(stream, format(event)), end: async () => {}, abandon() {} };
}

/** A file that is there when it is whole; a device or a pipe is written as it comes. */
export function fileWriter(path: string, format: (event: TraceEvent) => string): TraceWriter {
  return intoFile(
    path,
    format,
    () => "",
    () => "",
  );
}

/** A Chrome trace: one JSON object, with an event on each line. */
export function chromeWriter(path: string): TraceWriter {
  const translate = chromeTranslator();
  let isFirst = true;
  const format = (event: TraceEvent) =>
    translate(event)
      .map((one) => {
        const comma = isFirst ? "" : ",\n";
        isFirst = false;
        return comma + JSON.stringify(one);
      })
      .join("");
  return intoFile(
    path,
    format,
    () => '{"displayTimeUnit":"ms","traceEvents":[\n',
    () => "\n]}\n",
  );
}

function intoFile(path: string, format: (event: TraceEvent) => string, head: () => string, tail: () => string): TraceWriter {
  const half = /^\/(dev|proc)\//.test(path) ? path : `${path}.half-${process.pid}`;
  const stream = createWriteStream(half, { fd: open(half, path) });
  const begun = put(stream, head());
  return {
    async write(event) {
      await begun;
      await put(stream, format(event));
    },
    async end() {
      stream.end(tail());
      await finished(stream);
      if (half !== path) renameSync(half, path);
    },
    abandon() {
      stream.destroy();
      if (half !== path) rmSync(half, { force: true });
    },
  };
}

function open(half: string, path: string): number {
  try {
    return openSync(half, "w", 0o666);
  } catch (error) {
    throw new QpodError({ fact: `cannot write ${path}: ${errnoOf(error) ?? error}`, cause: error });
  }
}

function put(stream: Writable, text: string): Promise<void> {
  if (text === "") return Promise.resolve();
  if (stream.write(text)) return Promise.resolve();
  return new Promise((resolve, reject) => {
    stream.once("drain", () => {
      stream.off("error", reject);
      resolve();
    });
    stream.once("error", reject);
  });
}
