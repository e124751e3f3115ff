import { type Readable, Writable } from "node:stream";
import type { Deadline } from "./deadline.ts";
import { makeDeferred } from "./deferred.ts";
import type { Listener } from "./launch.ts";
import { CommandError, type Failure, type Result } from "./outcome.ts";
import { Output } from "./output.ts";
import { quoteCommand } from "./quote.ts";
import type { Settings } from "./settings.ts";

/** What is heard of a child, from its start until it has ended and all of its output is here; and what that came to. */
export class Life<Out extends string | Buffer> {
  readonly #settings: Settings;
  readonly #deadline: Deadline;
  readonly #release: () => void;
  readonly #output: Output;
  readonly #began = performance.now();
  readonly #started = makeDeferred<void>();
  readonly #handshake = makeDeferred<void>();
  readonly #finished = makeDeferred<void>();
  #runs = false;
  #isFinished = false;
  #ended: { exitCode: number | undefined; signal: NodeJS.Signals | undefined; at: number } | undefined;
  #failure: Failure | undefined;
  #pid: number | undefined;
  /** Our ends of its pipes, by number in the child. */
  readonly streams = new Map<number, Readable | Writable>();

  /** @param release is called when what it still writes is not waited for any more. */
  constructor(settings: Settings, deadline: Deadline, release: () => void) {
    this.#settings = settings;
    this.#deadline = deadline;
    this.#release = release;
    this.#output = new Output(waitedFor(settings), settings.outputGrace);
    for (const { promise } of [this.#started, this.#handshake]) promise.catch(() => {});
  }

  get pid(): number | undefined {
    return this.#pid;
  }

  /** Resolves when it is the program, or waits at its handshake; rejects when neither came to be. */
  get started(): Promise<void> {
    return this.#started.promise;
  }

  /** Rejects when it ends before. */
  get handshake(): Promise<void> {
    return this.#handshake.promise;
  }

  get finished(): Promise<void> {
    return this.#finished.promise;
  }

  get hasEnded(): boolean {
    return this.#ended !== undefined;
  }

  /** What kept it from being the program. */
  get failure(): Failure | undefined {
    return this.#failure;
  }

  /** For who starts it. */
  listen(): Listener {
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
    this.streams.set(target, stream);
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
        this.#release();
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
    if (!this.#output.isComplete || this.#failure) this.#release();
    this.#output.stopWaiting();
    this.#finished.resolve();
  }

  /** Whoever waits for what did not come must not wait for ever; for what did come, this changes nothing. */
  #endWaiting(): void {
    const error = this.error(this.#failure ?? this.endFailure() ?? { kind: "lost", cause: "it ended without a handshake" });
    if (this.#failure) this.#started.reject(error);
    this.#handshake.reject(error);
  }

  /** What is wrong with how it ended, if anything is. */
  endFailure(): Failure | undefined {
    const { exitCode, signal } = this.#ended ?? {};
    const why = this.#deadline.reason ? `${this.#deadline.reason}: ` : "";
    if (signal) return { kind: "signal", cause: `${why}ended by ${signal}` };
    if (exitCode === 0 && !why) return undefined;
    return { kind: "exit", cause: `${why}failed with status ${exitCode}` };
  }

  result(): Result<Out> {
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

  error(failure: Failure): CommandError<Out> {
    return new CommandError<Out>(failure, quoteCommand(this.#settings.argv), this.result());
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
