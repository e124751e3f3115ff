import type { Readable, Writable } from "node:stream";
import type { AnyChannel, Channel } from "./child.ts";
import { type GdbChannel, openGdb } from "./gdb-channel.ts";
import { GdbError } from "./gdb-error.ts";
import { type Breakpoint, type Frame, readBreakpoint, readFrame, readStop, type Stop } from "./gdb-results.ts";
import { quoteMi } from "./mi-parse.ts";
import { type MiTuple, textOf, tupleOf, tuplesOf } from "./mi-record.ts";
import { type Place, type Placing, placeOf } from "./place.ts";

export interface GdbOptions extends Placing {
  cwd?: string;
  env?: NodeJS.ProcessEnv;
  /** stdin, stdout and stderr of the program; ours when left out. */
  stdio?: readonly [Channel, Channel, Channel];
  /** More descriptors of ours that the program gets, at their numbers. */
  descriptorsPassed?: readonly number[];
  /** Seconds that the program may run between two stops before all is ended; for ever when left out. */
  timeout?: number;
}

export interface Breaking {
  /** An expression: only stop where it is true. */
  condition?: string;
  temporary?: boolean;
}

/** Starts gdb on a program, which does not run yet. */
export async function debug(command: readonly [string, ...string[]], options: GdbOptions = {}): Promise<Gdb> {
  const { stdio = [0, 1, 2], descriptorsPassed = [], cwd, env = process.env } = options;
  const free = [3, 4, 5, 6, 7, 8, 9].filter((number) => !descriptorsPassed.includes(number)).slice(0, 3);
  if (free.length < 3)
    throw new GdbError("refused", "gdb needs three free descriptors below 10", "Close some of those that are passed on.");
  const channels = new Map<number, AnyChannel>(descriptorsPassed.map((descriptor) => [descriptor, descriptor]));
  for (const [i, descriptor] of free.entries())
    channels.set(descriptor, i === 0 && stdio[0] === "pipe" ? "pipe-to" : (stdio[i] ?? "ignore"));
  const place = await placeOf(options);
  // gdb starts programs by the user's shell, and not every shell understands it.
  const channel = await openGdb(["--nx", "--quiet", "--interpreter=mi", "--args", ...command], {
    place,
    cwd,
    env: { ...env, SHELL: "/bin/sh" },
    channels,
  });
  const gdb = new Gdb(channel, free, options.timeout);
  try {
    await prepare(channel, free, place, env);
    return gdb;
  } catch (error) {
    await channel.kill();
    throw error;
  }
}

async function prepare(channel: GdbChannel, [input, output, errors]: number[], place: Place, env: NodeJS.ProcessEnv): Promise<void> {
  const fault = channel.notes.find((line) =>
    /No such file or directory|not in executable format|Permission denied|Is a directory/.test(line),
  );
  if (fault) throw new GdbError("no-program", fault.replace(/^"|"?\.?$/g, "").replace(/": /, ": "));
  for (const setting of ["confirm off", "pagination off", "width 0", "height 0", "debuginfod enabled off"]) {
    // Some of these are younger than some gdbs.
    await channel.send(`-gdb-set ${setting}`).catch(() => {});
  }
  // The interface has 0, 1 and 2; the program gets its own there, and none of what they came by.
  const move = `exec "$0" "$@" <&${input} >&${output} 2>&${errors} ${input}<&- ${output}>&- ${errors}>&-`;
  await channel.send(`-gdb-set exec-wrapper /bin/sh -c '${move}'`);
  // What gdb and we have set, the program is not to see.
  const restore = place.kind === "host" ? [env.SHELL === undefined ? "unset environment SHELL" : `set environment SHELL ${env.SHELL}`] : [];
  for (const name of ["LINES", "COLUMNS"]) if (env[name] === undefined) restore.push(`unset environment ${name}`);
  for (const command of restore) await channel.send(`-interpreter-exec console ${quoteMi(command)}`);
}

/** A program under gdb. Every method that lets it run resolves when it has stopped again, or has ended. */
export class Gdb {
  readonly #channel: GdbChannel;
  readonly #program: readonly number[];
  readonly #timeout: number | undefined;
  /** "ready": not started; "gone": ended or killed, and can be started again. */
  state: "ready" | "stopped" | "gone" = "ready";

  constructor(channel: GdbChannel, program: readonly number[], timeout?: number) {
    this.#channel = channel;
    this.#program = program;
    this.#timeout = timeout;
  }

  /** Of the program, where they were asked for as pipes. */
  get stdin(): Writable | null {
    return this.#channel.stream(this.#program[0] ?? -1) as Writable | null;
  }
  get stdout(): Readable | null {
    return this.#channel.stream(this.#program[1] ?? -1) as Readable | null;
  }
  get stderr(): Readable | null {
    return this.#channel.stream(this.#program[2] ?? -1) as Readable | null;
  }

  /** Runs to the beginning of `main`. */
  start = (): Promise<Stop> => this.#begin("-exec-run --start");
  /** Runs from the beginning to the first stop. */
  run = (): Promise<Stop> => this.#begin("-exec-run");
  continue = (): Promise<Stop> => this.#go("-exec-continue");
  /** Into calls, by lines. */
  step = async (lines = 1): Promise<Stop> => this.#go(`-exec-step ${count(lines)}`);
  /** Over calls, by lines. */
  next = async (lines = 1): Promise<Stop> => this.#go(`-exec-next ${count(lines)}`);
  /** Until the function returns. */
  finish = (): Promise<Stop> => this.#go("-exec-finish");
  /** Until a location is reached, or the function returns. */
  advance = async (location: string): Promise<Stop> => this.#go(`-interpreter-exec console ${quoteMi(`advance ${oneLine(location)}`)}`);

  /**
   * Stops the program at a location: a function, `file.c:12`, `*0x1234`. Before the program runs, one that is not in it
   * yet waits for a library to bring it.
   * @throws GdbError `no-location` while it runs, or where no library could.
   */
  async break(location: string, { condition, temporary }: Breaking = {}): Promise<Breakpoint> {
    const flags = [this.state === "stopped" ? "" : "-f", temporary ? "-t" : "", condition ? `-c ${quoteMi(oneLine(condition))}` : ""];
    const { results } = await this.#channel.send(`-break-insert ${flags.filter(Boolean).join(" ")} ${quoteMi(oneLine(location))}`);
    const [first] = tuplesOf(results.bkpt);
    return readBreakpoint(first ?? {}, location);
  }

  /** Stops when the value of an expression changes. */
  async watch(expression: string): Promise<Breakpoint> {
    const { results } = await this.#channel.send(`-break-watch ${quoteMi(oneLine(expression))}`);
    return readBreakpoint(tupleOf(results.wpt) ?? {}, expression);
  }

  async removeBreakpoint(number: number): Promise<void> {
    await this.#channel.send(`-break-delete ${count(number)}`);
  }

  /** The frames of the thread that stopped, the innermost first. */
  async backtrace(most?: number): Promise<Frame[]> {
    // Up to -1 would be up to the last.
    if (most === 0) return [];
    return this.#listFrames(most === undefined ? "" : ` 0 ${count(most) - 1}`);
  }

  /** Makes a frame of the backtrace the one in which expressions are understood. @throws GdbError `no-location` when there is none. */
  async frame(level: number): Promise<Frame> {
    // Asked for alone, one that is not there would be taken for the outermost in silence.
    const [frame] = await this.#listFrames(` ${count(level)} ${level}`);
    await this.#channel.send(`-stack-select-frame ${level}`);
    return frame as Frame;
  }

  async #listFrames(range: string): Promise<Frame[]> {
    const { results } = await this.#channel.send(`-stack-list-frames${range}`);
    const args = await this.#channel.send(`-stack-list-arguments 1${range}`);
    const withArgs = tuplesOf(args.results["stack-args"]).map(readFrame);
    return tuplesOf(results.stack).map((tuple, i) => ({ ...readFrame(tuple), args: withArgs[i]?.args ?? [] }));
  }

  /**
   * The value of an expression, as gdb prints it.
   * @param format a letter of gdb's: "x" for hexadecimal, "c" for a character.
   */
  async print(expression: string, format?: string): Promise<string> {
    if (format === undefined) {
      const { results } = await this.#channel.send(`-data-evaluate-expression ${quoteMi(oneLine(expression))}`);
      return textOf(results, "value");
    }
    // The interface's own command knows no formats.
    if (!/^[a-z]$/.test(format)) throw new GdbError("syntax", `'${format}' is no format`);
    await this.#channel.send(`-interpreter-exec console ${quoteMi(`output/${format} ${oneLine(expression)}`)}`);
    return this.#channel.console;
  }

  /** Gives a variable, or whatever can be assigned to, a value; returns it. */
  set = async (variable: string, expression: string): Promise<string> => this.print(`${variable} = ${expression}`);
  /** Calls a function of the program; "void" when it returns nothing. */
  call = async (expression: string): Promise<string> => this.print(expression);

  /** Ends the program, not gdb. */
  async kill(): Promise<void> {
    if (this.state !== "stopped") throw new GdbError("not-running", "The program is not being run");
    await this.#channel.send('-interpreter-exec console "kill"');
    this.state = "gone";
  }

  /** Ends gdb, and the program with it. */
  async end(): Promise<void> {
    await this.#channel.kill();
  }

  async #begin(command: string): Promise<Stop> {
    if (this.state === "stopped") throw new GdbError("refused", "The program has been started already", "`kill` ends it.");
    return this.#go(command);
  }

  async #go(command: string): Promise<Stop> {
    this.#channel.forgetStops();
    const { name } = await this.#channel.send(command);
    if (name !== "running") throw new GdbError("refused", this.#channel.console.trim() || `gdb did not run the program: ${name}`);
    const stop = readStop(await this.#awaitStop());
    this.state = stop.reason === "exited" || stop.reason === "killed" ? "gone" : "stopped";
    return stop;
  }

  async #awaitStop(): Promise<MiTuple> {
    const stopped = this.#channel.nextStop();
    if (this.#timeout === undefined) return stopped;
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<"late">((resolve) => {
      timer = setTimeout(() => resolve("late"), (this.#timeout ?? 0) * 1000);
    });
    const first = await Promise.race([stopped, late]);
    clearTimeout(timer);
    if (first !== "late") return first;
    stopped.catch(() => {});
    await this.#channel.kill();
    throw new GdbError("timeout", `the program did not stop within ${this.#timeout} seconds, and was ended`);
  }
}

function count(value: number): number {
  if (Number.isInteger(value) && value >= 0) return value;
  throw new GdbError("syntax", `${value} is no count`);
}

/** A line is a command: what holds several would be several. */
function oneLine(text: string): string {
  if (!/[\n\r\0]/.test(text)) return text;
  throw new GdbError("syntax", `${JSON.stringify(text)} is more than a line`);
}
