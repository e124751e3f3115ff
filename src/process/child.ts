import type { Readable, Writable } from "node:stream";
import { Deadline } from "./deadline.ts";
import type { Listener, Running } from "./launch.ts";
import { Life } from "./life.ts";
import { splitLines } from "./lines.ts";
import type { Result } from "./outcome.ts";
import type { Settings } from "./settings.ts";
import { signalNumber } from "./signals.ts";

/** A command that was started. */
export class Child<Out extends string | Buffer = string> implements AsyncDisposable, AsyncIterable<string> {
  readonly #settings: Settings;
  readonly #deadline: Deadline;
  readonly #life: Life<Out>;
  #running: Running | undefined;
  #notified = false;

  /** @internal Use `command(...).start()`. */
  constructor(settings: Settings, launch: (listener: Listener) => { running: Running; forget?: () => void }) {
    this.#settings = settings;
    this.#deadline = new Deadline(settings, (signal, grace) => {
      if (!this.#life.hasEnded) this.#running?.end(signalNumber(signal) ?? 15, grace);
    });
    this.#life = new Life<Out>(settings, this.#deadline, () => this.#running?.release());
    let launched: ReturnType<typeof launch>;
    try {
      launched = launch(this.#life.listen());
    } catch (error) {
      this.#deadline.end();
      throw error;
    }
    this.#running = launched.running;
    void this.#life.finished.then(() => {
      this.#deadline.end();
      launched.forget?.();
    });
  }

  /** Of a daemon, the daemon's. Known once `start()` has resolved. */
  get pid(): number | undefined {
    return this.#life.pid;
  }

  /** Streams for what was asked to be a "pipe", by number in the child; null otherwise. */
  get stdin(): Writable | null {
    return (this.#life.streams.get(0) as Writable | undefined) ?? null;
  }
  get stdout(): Readable | null {
    return (this.#life.streams.get(1) as Readable | undefined) ?? null;
  }
  get stderr(): Readable | null {
    return (this.#life.streams.get(2) as Readable | undefined) ?? null;
  }

  /** The same for any number, as `Command.pipeFrom` and `pipeTo` asked for it. */
  stream(fd: number): Readable | Writable | null {
    return this.#life.streams.get(fd) ?? null;
  }

  /** @internal Resolves when it is the program, or waits at its handshake; rejects when neither came to be. */
  get started(): Promise<void> {
    return this.#life.started;
  }

  /** Waits for its end. @throws CommandError as `Command.run` does. */
  async wait(): Promise<Result<Out>> {
    await this.#life.finished;
    const failure = this.#life.failure ?? this.#life.endFailure();
    if (failure) throw this.#life.error(failure);
    return this.#life.result();
  }

  /** The same, where exit status, signal and a program that cannot be run (126, 127) are results. */
  async outcome(): Promise<Result<Out>> {
    await this.#life.finished;
    if (this.#life.failure && this.#life.failure.kind !== "exec") throw this.#life.error(this.#life.failure);
    const result = this.#life.result();
    return this.#life.failure ? { ...result, failure: this.#life.error(this.#life.failure) } : result;
  }

  /** Its exit status. @throws CommandError for a signal. */
  async status(): Promise<number> {
    const result = await this.outcome();
    if (result.exitCode === undefined) throw this.#life.error(this.#life.endFailure() ?? { kind: "lost", cause: "its end is not known" });
    return result.exitCode;
  }

  /** Sends a signal to it alone. */
  kill(signal: NodeJS.Signals = "SIGTERM"): void {
    this.#signal(signal, false);
  }

  /** Sends it to all that descends from it too. What has left its group and lost its parents is not found. */
  killTree(signal: NodeJS.Signals = "SIGTERM"): void {
    this.#signal(signal, true);
  }

  /** Ends the whole tree, by SIGKILL what is still there after the grace; resolves when it is reaped. */
  async abort(): Promise<void> {
    this.#deadline.abort();
    await this.#life.finished;
  }

  /** Resolves when all of its set-up is done and it waits to be told to go on. Once only. */
  async waitForHandshake(): Promise<void> {
    this.#needHandshake();
    await this.#life.handshake;
  }

  /** Lets it become the program. Once only. */
  notifyHandshake(): void {
    this.#needHandshake();
    if (this.#notified) throw this.#life.error({ kind: "mistake", cause: "it was told to go on already" });
    this.#notified = true;
    this.#running?.notify();
  }

  /** Whether it keeps this process from ending. */
  ref(): this {
    this.#running?.ref();
    return this;
  }
  unref(): this {
    this.#running?.unref();
    return this;
  }

  /** Its lines, as they come; then `wait()` is awaited, so that a failure is not overlooked. stdout must be a "pipe". */
  async *[Symbol.asyncIterator](): AsyncGenerator<string, void> {
    if (!this.stdout) throw this.#life.error({ kind: "mistake", cause: 'its lines cannot be read: stdout is not a "pipe"' });
    try {
      yield* splitLines(this.stdout);
    } finally {
      // Whoever stops reading wants no more of it.
      if (!this.#life.hasEnded && !this.stdout.readableEnded) await this.abort();
    }
    await this.wait();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#settings.daemon) return;
    await this.abort();
  }

  #needHandshake(): void {
    if (!this.#settings.handshake) throw this.#life.error({ kind: "mistake", cause: "it has no handshake" });
  }

  #signal(signal: NodeJS.Signals, tree: boolean): void {
    const number = signalNumber(signal);
    if (number === undefined) throw this.#life.error({ kind: "mistake", cause: `there is no signal ${signal}` });
    if (!this.#life.hasEnded) this.#running?.signal(number, tree);
  }
}
