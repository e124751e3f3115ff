import { constants } from "node:os";
import { Writable } from "node:stream";
import { StringDecoder } from "node:string_decoder";
import type { Child } from "../process/child.ts";
import { command } from "../process/make-command.ts";
import { CommandError, type Result } from "../process/outcome.ts";
import { signalNumber } from "../process/signals.ts";
import { LabError } from "./errors.ts";

export interface CommandOptions {
  /** A folder of the host's; the folder that we are in if left out, or / where the host has none of that name. */
  cwd?: string;
  /** Added to our own variables; undefined takes one away. */
  env?: Record<string, string | undefined>;
  /** What it reads; nothing if left out. */
  input?: string | Uint8Array;
  /** Milliseconds after which it is killed. */
  timeout?: number;
}

/** What became of a command in a host: the same shape whether it succeeded or not. */
export interface HostResult {
  host: string;
  command: string;
  /** Undefined when it was ended by a signal. */
  exitCode: number | undefined;
  signal: NodeJS.Signals | undefined;
  stdout: string;
  stderr: string;
  timedOut: boolean;
  /** Milliseconds. */
  duration: number;
}

/** Milliseconds that `prints` and `listens` wait if not told otherwise. */
const PATIENCE = 10_000;

/** A command that runs in a host. */
export class HostProcess {
  readonly host: string;
  readonly command: string;
  readonly #started: Promise<Child>;
  readonly #enter: (words: readonly string[]) => string[];
  readonly #began = performance.now();
  readonly #closed: Promise<HostResult>;
  readonly #said = { stdout: "", stderr: "" };
  readonly #watchers = new Set<() => void>();
  #result: HostResult | undefined;

  /** @internal `enter` puts in front of words what brings them into the host. */
  constructor(host: string, words: readonly string[], enter: (words: readonly string[]) => string[], options: CommandOptions) {
    this.host = host;
    this.command = words.join(" ");
    this.#enter = enter;
    const [program = "", ...args] = enter(words);
    const inside = command(program, args, { env: options.env ?? {} })
      .stdout(this.#hear("stdout"))
      .stderr(this.#hear("stderr"))
      .killBy("SIGKILL");
    if (options.input !== undefined) inside.input(options.input);
    if (options.timeout !== undefined) inside.timeout(options.timeout);
    this.#started = inside.start();
    this.#closed = this.#started
      .then((child) => child.outcome())
      .then(
        (result) => this.#conclude(result),
        (error: unknown) => {
          const why = error instanceof CommandError ? (error.code ?? error.reason) : error;
          this.#said.stderr += `cannot be started: ${why}\n`;
          return this.#conclude({ exitCode: 125, signal: undefined, timedOut: false });
        },
      );
  }

  /** What it printed so far. */
  get stdout(): string {
    return this.#said.stdout;
  }

  get stderr(): string {
    return this.#said.stderr;
  }

  /** Undefined while it runs. */
  get result(): HostResult | undefined {
    return this.#result;
  }

  kill(signal: NodeJS.Signals = "SIGTERM"): void {
    if (signalNumber(signal) === undefined) throw new TypeError(`there is no signal ${signal}`);
    // What could not be started has said so.
    this.#started.then(
      (child) => child.kill(signal),
      () => {},
    );
  }

  /** Resolves at its end. */
  wait(): Promise<HostResult> {
    return this.#closed;
  }

  /** Waits until its output holds the text, or matches; resolves to the match. */
  async prints(what: string | RegExp, options: { timeout?: number } = {}): Promise<string> {
    const find = () => {
      const all = this.#said.stdout + this.#said.stderr;
      return typeof what === "string" ? (all.includes(what) ? what : undefined) : what.exec(all)?.[0];
    };
    let look = () => {};
    const found = new Promise<string>((resolve) => {
      look = () => {
        const text = find();
        if (text !== undefined) resolve(text);
      };
    });
    this.#watchers.add(look);
    look();
    try {
      return await this.#unlessItEnds(found, `print ${what}`, options.timeout);
    } finally {
      this.#watchers.delete(look);
    }
  }

  /** Waits until somebody in its host listens on the port. */
  async listens(port: number, options: { protocol?: "tcp" | "udp"; timeout?: number } = {}): Promise<void> {
    const [program = "", ...args] = this.#enter(["", "listening", options.protocol ?? "tcp", String(port)]);
    const enough = new AbortController();
    const waiting = command(program, args).stdout("null").killBy("SIGKILL").abortBy(enough.signal).outcome();
    const heard = waiting.then(({ exitCode, stderr }) => {
      if (exitCode !== 0) throw new LabError("state", { fact: stderr.trim() || "the lab has ended" });
    });
    try {
      await this.#unlessItEnds(heard, `listen on port ${port}`, options.timeout);
    } finally {
      heard.catch(() => {});
      enough.abort();
    }
  }

  async #unlessItEnds<T>(event: Promise<T>, what: string, patience = PATIENCE): Promise<T> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(this.#complain("timeout", `did not ${what} within ${patience} ms`)), patience);
    });
    const ended = this.#closed.then(() => Promise.reject(this.#complain("state", `ended before it could ${what}`)));
    try {
      return await Promise.race([event, late, ended]);
    } finally {
      clearTimeout(timer);
      ended.catch(() => {});
    }
  }

  #complain(code: "timeout" | "state", what: string): LabError {
    return new LabError(code, {
      fact: `${this.command} on ${this.host} ${what}`,
      remedy: lastLines(this.#said.stdout + this.#said.stderr),
    });
  }

  #hear(name: "stdout" | "stderr"): Writable {
    const decoder = new StringDecoder("utf8");
    return new Writable({
      write: (bytes: Buffer, _encoding, done) => {
        this.#said[name] += decoder.write(bytes);
        for (const look of this.#watchers) look();
        done();
      },
    });
  }

  #conclude({ exitCode, signal, timedOut }: Pick<Result<string>, "exitCode" | "signal" | "timedOut">): HostResult {
    const { host, command } = this;
    const duration = performance.now() - this.#began;
    this.#result ??= { host, command, exitCode, signal, ...this.#said, timedOut, duration };
    return this.#result;
  }
}

/** The end of what a command said, for an error. */
export function lastLines(text: string, count = 5): string | undefined {
  const lines = text.trimEnd().split("\n").filter(Boolean).slice(-count);
  return lines.length > 0 ? lines.join("\n  ") : undefined;
}

/** How a command ended, in words; undefined when it succeeded. */
export function describeEnd({ exitCode, signal, timedOut }: HostResult): string | undefined {
  if (timedOut) return "was killed after its time";
  if (signal !== undefined) return `was ended by ${signal} (${constants.signals[signal]})`;
  return exitCode === 0 ? undefined : `ended with status ${exitCode}`;
}
