import { type Readable, Writable } from "node:stream";
import { CommandError, type Failure } from "./command-error.ts";
import { Deadline } from "./deadline.ts";
import { makeDeferred } from "./deferred.ts";
import type { Listener, Running } from "./launch.ts";
import { splitLines } from "./lines.ts";
import { Output } from "./output.ts";
import { quoteCommand } from "./quote.ts";
import type { Result } from "./result.ts";
import type { Settings } from "./settings.ts";
import { signalNumber } from "./signals.ts";

/** A command that was started. */
export class Child<Out extends string | Buffer = string> implements AsyncDisposable, AsyncIterable<string> {
  readonly #settings: Settings;
  readonly #output: Output;
  readonly #streams = new Map<number, Readable | Writable>();
  readonly #began = performance.now();
  readonly #deadline: Deadline;
  readonly #started = makeDeferred<void>();
  readonly #handshake = makeDeferred<void>();
  readonly #finished = makeDeferred<void>();
  #running: Running | undefined;
  #failure: Failure | undefined;
  #runs = false;
  #notified = false;
  #ended: { exitCode: number | undefined; signal: NodeJS.Signals | undefined; at: number } | undefined;
  #isFinished = false;
  #pid: number | undefined;

  /** @internal Use `command(...).start()`. */
  constructor(settings: Settings, launch: (listener: Listener) => { running: Running; forget?: () => void }) {
    this.#settings = settings;
    this.#output = new Output(waitedFor(settings), settings.outputGrace);
    for (const { promise } of [this.#started, this.#handshake]) promise.catch(() => {});
    this.#deadline = new Deadline(settings, (signal, grace) => {
      if (!this.#ended) this.#running?.end(signalNumber(signal) ?? 15, grace);
    });
    let launched: ReturnType<typeof launch>;
    try {
      launched = launch(this.#listen());
    } catch (error) {
      this.#deadline.end();
      throw error;
    }
    const { running, forget } = launched;
    this.#running = running;
    this.#finished.promise.then(() => {
      this.#deadline.end();
      this.#output.stopWaiting();
      forget?.();
    });
  }

  /** Of a daemon, the daemon's. Known once `start()` has resolved. */
  get pid(): number | undefined {
    return this.#pid;
  }

  /** Streams for what was asked to be a "pipe", by number in the child; null otherwise. */
  get stdin(): Writable | null {
    return (this.#streams.get(0) as Writable | undefined) ?? null;
  }
  get stdout(): Readable | null {
    return (this.#streams.get(1) as Readable | undefined) ?? null;
  }
  get stderr(): Readable | null {
    return (this.#streams.get(2) as Readable | undefined) ?? null;
  }

  /** The same for any number, as `Command.pipeFrom` and `pipeTo` asked for it. */
  stream(fd: number): Readable | Writable | null {
    return this.#streams.get(fd) ?? null;
  }

  /** @internal Resolves when it is the program, or waits at its handshake; rejects when neither came to be. */
  get started(): Promise<void> {
    return this.#started.promise;
  }

  /** Waits for its end. @throws CommandError as `Command.run` does. */
  async wait(): Promise<Result<Out>> {
    await this.#finished.promise;
    const failure = this.#failure ?? this.#endFailure();
    if (failure) throw this.#error(failure);
    return this.#result();
  }

  /** The same, where exit status, signal and a program that cannot be run (126, 127) are results. */
  async outcome(): Promise<Result<Out>> {
    await this.#finished.promise;
    if (this.#failure && this.#failure.kind !== "exec") throw this.#error(this.#failure);
    const result = this.#result();
    return this.#failure ? { ...result, failure: this.#error(this.#failure) } : result;
  }

  /** Its exit status. @throws CommandError for a signal. */
  async status(): Promise<number> {
    const result = await this.outcome();
    if (result.exitCode === undefined) throw this.#error(this.#endFailure() ?? { kind: "lost", cause: "its end is not known" });
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
    await this.#finished.promise;
  }

  /** Resolves when all of its set-up is done and it waits to be told to go on. Once only. */
  async waitForHandshake(): Promise<void> {
    this.#needHandshake();
    await this.#handshake.promise;
  }

  /** Lets it become the program. Once only. */
  notifyHandshake(): void {
    this.#needHandshake();
    if (this.#notified) throw this.#error({ kind: "mistake", cause: "it was told to go on already" });
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
    if (!this.stdout) throw this.#error({ kind: "mistake", cause: 'its lines cannot be read: stdout is not a "pipe"' });
    try {
      yield* splitLines(this.stdout);
    } finally {
      // Whoever stops reading wants no more of it.
      if (!this.#ended && !this.stdout.readableEnded) await this.abort();
    }
    await this.wait();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#settings.daemon) return;
    await this.abort();
  }

  #needHandshake(): void {
    if (!this.#settings.handshake) throw this.#error({ kind: "mistake", cause: "it has no handshake" });
  }

  #signal(signal: NodeJS.Signals, tree: boolean): void {
    const number = signalNumber(signal);
    if (number === undefined) throw this.#error({ kind: "mistake", cause: `there is no signal ${signal}` });
    if (!this.#ended) this.#running?.signal(number, tree);
  }

  #listen(): Listener {
    return {
      onStream: (target, stream) => this.#connect(target, stream),
      onWaiting: () => {
        this.#handshake.resolve();
        this.#started.resolve();
      },
      onRuns: (pid) => {
        this.#runs = true;
        this.#pid ??= pid;
        this.#started.resolve();
        this.#settle();
      },
      onDaemon: (pid) => {
        this.#pid = pid;
      },
      onOutput: (target, bytes) => this.#output.add(target, bytes),
      onClosed: (target) => {
        this.#output.close(target);
        this.#settle();
      },
      onFailure: (failure) => {
        this.#failure ??= failure;
        // Of a daemon it may come after the end of what started it.
        this.#settle();
      },
      onEnded: (exitCode, signal) => {
        this.#ended = { exitCode, signal, at: performance.now() };
        this.#settle();
      },
    };
  }

  #connect(target: number, stream: Readable | Writable): void {
    this.#streams.set(target, stream);
    // Its end tells more than a broken pipe.
    stream.on("error", () => {});
    const from = this.#settings.descriptors.get(target);
    if (from?.kind !== "pipe" || !from.stream) return;
    if (from.direction === "written") {
      (from.stream as Readable).pipe(stream as Writable);
      (from.stream as Readable).once("error", () => stream.destroy());
      return;
    }
    (stream as Readable).on("data", () => this.#output.note());
    (stream as Readable).pipe(from.stream as Writable, { end: false });
    stream.once("close", () => {
      this.#output.close(target);
      this.#settle();
    });
  }

  /** Finished is: ended, known whether it was ever the program, and all of its output here. */
  #settle(): void {
    if (!this.#ended || this.#isFinished) return;
    // The daemon's first parent ends before the daemon is the program.
    if (!this.#runs && !this.#failure && this.#settings.daemon && this.#ended.exitCode === 0) return;
    if (!this.#failure && !this.#output.isComplete) {
      this.#output.waitForRest(() => {
        this.#running?.release();
        this.#finish();
      });
      return;
    }
    this.#finish();
  }

  #finish(): void {
    if (this.#isFinished) return;
    this.#isFinished = true;
    if (!this.#runs) this.#failure ??= { kind: "lost", cause: "it ended before it was started" };
    if (this.#failure || this.#settings.handshake) this.#endWaiting();
    if (!this.#output.isComplete || this.#failure) this.#running?.release();
    this.#finished.resolve();
  }

  /** Whoever waits for what did not come must not wait for ever; for what did come, this changes nothing. */
  #endWaiting(): void {
    const error = this.#error(this.#failure ?? this.#endFailure() ?? { kind: "lost", cause: "it ended without a handshake" });
    if (this.#failure) this.#started.reject(error);
    this.#handshake.reject(error);
  }

  #endFailure(): Failure | undefined {
    const { exitCode, signal } = this.#ended ?? {};
    const why = this.#deadline.reason ? `${this.#deadline.reason}: ` : "";
    if (signal) return { kind: "signal", cause: `${why}ended by ${signal}` };
    if (exitCode === 0 && !why) return undefined;
    return { kind: "exit", cause: `${why}failed with status ${exitCode}` };
  }

  #result(): Result<Out> {
    const failed = this.#failure?.kind === "exec";
    const take = (target: number): Out => {
      const bytes = this.#output.take(target);
      return (this.#settings.encoding === "buffer" ? bytes : bytes.toString("utf8")) as Out;
    };
    return {
      command: quoteCommand(this.#settings.argv),
      failure: undefined,
      exitCode: failed ? (isMissing(this.#failure) ? 127 : 126) : this.#failure ? undefined : this.#ended?.exitCode,
      signal: this.#failure ? undefined : this.#ended?.signal,
      stdout: take(1),
      stderr: take(2),
      pid: this.#pid,
      duration: (this.#ended?.at ?? performance.now()) - this.#began,
      timedOut: this.#deadline.timedOut,
      aborted: this.#deadline.aborted,
    };
  }

  #error(failure: Failure): CommandError<Out> {
    return new CommandError<Out>(failure, quoteCommand(this.#settings.argv), this.#result());
  }
}

function isMissing(failure: Failure | undefined): boolean {
  return failure?.code === "ENOENT" || failure?.code === "ENOTDIR";
}

/** What must be closed before the result is complete. */
function waitedFor(settings: Settings): number[] {
  const given = [...settings.descriptors].filter(
    ([, from]) => from.kind === "captured" || (from.kind === "pipe" && from.stream instanceof Writable),
  );
  const usual = settings.daemon ? [] : [1, 2].filter((target) => !settings.descriptors.has(target));
  return [...usual, ...given.map(([target]) => target)];
}
