import { Transform } from "node:stream";
import { isExec, StraceJoiner } from "./strace-join.ts";
import type { ExitEvent, TraceEvent } from "./trace-event.ts";

/** A tracer's bytes in, events out, without those of the launcher. */
export class Events extends Transform {
  /** The command's first process. */
  #pid: number | undefined;
  #rest = "";
  /** Successful execs of the first process until it is the command. */
  #programs: number;
  sawProgram = false;
  /** Of the command itself. */
  commandExit: ExitEvent | undefined;
  readonly #joiner = new StraceJoiner();
  readonly #wantsExec: boolean;

  readonly #isForked: boolean;
  /** Processes of the launcher's, which go on beside the command. */
  readonly #launchers = new Set<number>();

  /**
   * @param programs how many programs the first process has been when it is the command.
   * @param isForked whether the last of them is started by the launcher as a child, not in its own process.
   */
  constructor(programs: number, wantsExec: boolean, isForked = false) {
    super({ readableObjectMode: true, readableHighWaterMark: 1024 });
    this.#programs = programs;
    this.#wantsExec = wantsExec;
    this.#isForked = isForked;
  }

  kill(signal: NodeJS.Signals): void {
    if (this.#pid) process.kill(this.#pid, signal);
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    const lines = (this.#rest + chunk.toString("latin1")).split("\n");
    this.#rest = lines.pop() ?? "";
    for (const line of lines) this.#take(line);
    done();
  }

  override _flush(done: () => void): void {
    if (this.#rest) this.#take(this.#rest);
    done();
  }

  #take(line: string): void {
    // strace escapes what is not ASCII, but for names that it takes from /proc.
    for (const event of this.#joiner.take(Buffer.from(line, "latin1").toString("utf8"))) {
      this.#pid ??= event.pid;
      if (event.kind === "exit" && event.pid === this.#pid) this.commandExit = event;
      if (this.#programs > 0 && !this.#begins(event)) {
        this.#launchers.add(event.pid);
        continue;
      }
      if (event.pid !== this.#pid && this.#launchers.has(event.pid)) continue;
      if (!isExec(event) || this.#wantsExec) this.push(event);
    }
  }

  #begins(event: TraceEvent): boolean {
    if (event.kind !== "exec" || (!this.#isForked && event.pid !== this.#pid)) return false;
    this.sawProgram = true;
    if (--this.#programs > 0) return false;
    this.#pid = event.pid;
    return true;
  }
}
