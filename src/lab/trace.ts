import { type Trace, type TraceOptions, trace } from "../debug/trace.ts";
import type { CallEvent, TraceEvent } from "../debug/trace-event.ts";
import { traceTextWriter } from "../debug/trace-text.ts";
import { LabError } from "./errors.ts";
import { lastLines } from "./process.ts";

/** What is traced: `calls` and `inject` as in `qpod trace`. */
export type HostTraceOptions = Pick<TraceOptions, "calls" | "inject" | "descriptors" | "stringSize"> & {
  cwd?: string;
  env?: NodeJS.ProcessEnv;
};

/** Milliseconds that `called` waits if not told otherwise. */
const PATIENCE = 10_000;
/** How many of the last events are shown when a test has failed. */
const SHOWN = 10;

/** A command that runs in a host under the tracer: what it and its descendants ask of the kernel, as it happens. */
export class HostTrace implements AsyncIterable<TraceEvent> {
  readonly host: string;
  readonly command: string;
  /** All events so far. */
  readonly events: TraceEvent[] = [];
  stdout = "";
  stderr = "";
  readonly #trace: Trace;
  readonly #ended: Promise<{ exitCode: number | undefined; signal: NodeJS.Signals | undefined }>;
  #isOver = false;
  #wake: () => void = () => {};
  #next: Promise<void> = Promise.resolve();

  /** @internal Use `host.trace()`. */
  constructor(host: string, words: readonly string[], trace: Trace) {
    this.host = host;
    this.command = words.join(" ");
    this.#trace = trace;
    this.#expectMore();
    trace.stdout?.setEncoding("utf8").on("data", (text: string) => (this.stdout += text));
    trace.stderr?.setEncoding("utf8").on("data", (text: string) => (this.stderr += text));
    const read = this.#read();
    this.#ended = Promise.all([trace.ended, read]).then(([{ status, signal }]) => ({ exitCode: signal ? undefined : status, signal }));
    this.#ended.catch(() => {});
  }

  /** How it ended, once all of its events are there. */
  wait(): Promise<{ exitCode: number | undefined; signal: NodeJS.Signals | undefined }> {
    return this.#ended;
  }

  kill(signal: NodeJS.Signals = "SIGTERM"): void {
    this.#trace.kill(signal);
  }

  /** Waits until a call of this name has succeeded: `called("listen")`; or one that a function picks. */
  async called(what: string | ((call: CallEvent) => boolean), options: { timeout?: number } = {}): Promise<CallEvent> {
    const matches = typeof what === "string" ? (call: CallEvent) => call.name === what && call.errno === undefined : what;
    const { timeout = PATIENCE } = options;
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(this.#complain("timeout", `did not call ${sayWhat(what)} within ${timeout} ms`)), timeout);
    });
    const find = async () => {
      for await (const event of this) if (event.kind === "call" && matches(event)) return event;
      throw this.#complain("state", `ended before it called ${sayWhat(what)}`);
    };
    try {
      return await Promise.race([find(), late]);
    } finally {
      clearTimeout(timer);
    }
  }

  /** From the first event on, and then as they happen. */
  async *[Symbol.asyncIterator](): AsyncGenerator<TraceEvent, void> {
    for (let at = 0; ; ) {
      const event = this.events[at];
      if (event) {
        at++;
        yield event;
      } else if (this.#isOver) return;
      else await this.#next;
    }
  }

  /** The last events in lines for people. */
  describe(): string {
    const write = traceTextWriter();
    return this.events
      .slice(-SHOWN)
      .map((event) => write(event).trimEnd())
      .join("\n");
  }

  /** Read whether anybody looks or not: a tracer that nobody reads holds the command up. */
  async #read(): Promise<void> {
    try {
      for await (const event of this.#trace.events) {
        this.events.push(event);
        this.#expectMore();
      }
    } finally {
      this.#isOver = true;
      this.#wake();
    }
  }

  #expectMore(): void {
    this.#wake();
    this.#next = new Promise((resolve) => {
      this.#wake = resolve;
    });
  }

  #complain(code: "timeout" | "state", what: string): LabError {
    return new LabError(code, { fact: `${this.command} on ${this.host} ${what}`, remedy: lastLines(this.stdout + this.stderr) });
  }
}

const sayWhat = (what: string | object) => (typeof what === "string" ? what : "what was waited for");

/** Starts a command in a host under the tracer. @param enter brings it there. */
export async function traceInHost(
  host: string,
  words: readonly [string, ...string[]],
  enter: readonly string[],
  options: HostTraceOptions,
) {
  const { cwd: _, env, ...selection } = options;
  const started = await trace(words, {
    ...selection,
    ...(env ? { env: { ...process.env, ...env } } : {}),
    enter,
    stdio: ["ignore", "pipe", "pipe"],
  });
  return new HostTrace(host, words, started);
}
