import type { Child } from "../process/child.ts";
import type { Command } from "../process/command.ts";
import type { Result } from "../process/outcome.ts";
import type { Enterable, WordsDoor } from "../process/settings.ts";
import { LabError } from "./errors.ts";
import { enterWords, type Place } from "./place.ts";
import { type CommandOptions, describeEnd, HostProcess, type HostResult, lastLines } from "./process.ts";
import type { Route, Topology } from "./topology.ts";
import { type HostTrace, type HostTraceOptions, traceInHost } from "./trace.ts";

/** What a host has to know of the lab that it is in. */
interface Surroundings {
  readonly topology: Topology;
  readonly running: { readonly place: Place };
  readonly commands: HostProcess[];
  readonly traces: HostTrace[];
}

/** One host of a lab. */
export class Host implements Enterable {
  readonly name: string;
  readonly #lab: Surroundings;

  /** @internal */
  constructor(name: string, lab: Surroundings) {
    this.name = name;
    this.#lab = lab;
  }

  /** Declares a route. */
  route(to: string, options: Omit<Route, "to">): this {
    this.#lab.topology.hosts[this.name]?.routes?.push({ to, ...options });
    return this;
  }

  /** For the process API: `command("ping", ["b"]).in(host)` runs there, with all that a command can be told. */
  async enter(): Promise<WordsDoor> {
    return { words: (folder) => this.words(folder === undefined ? {} : { cwd: folder }) };
  }

  /**
   * Runs a command to its end; one of the process API with all that it was told.
   * @throws LabError, with its last words, unless it exits with 0; a command of the process API throws as it does elsewhere.
   */
  run(command: Command): Promise<Result>;
  run(program: string, args?: readonly string[], options?: CommandOptions): Promise<HostResult>;
  async run(program: string | Command, args: readonly string[] = [], options: CommandOptions = {}): Promise<HostResult | Result> {
    if (typeof program !== "string") return program.clone().in(this).run();
    const result = await this.outcome(program, args, options);
    const end = describeEnd(result);
    if (!end) return result;
    throw new LabError(result.timedOut ? "timeout" : "command", {
      fact: `${result.command} on ${this.name} ${end}`,
      remedy: lastLines(result.stdout + result.stderr),
    });
  }

  /** The same, where how it ends is a result. */
  outcome(command: Command): Promise<Result>;
  outcome(program: string, args?: readonly string[], options?: CommandOptions): Promise<HostResult>;
  outcome(program: string | Command, args: readonly string[] = [], options: CommandOptions = {}): Promise<HostResult | Result> {
    if (typeof program !== "string") return program.clone().in(this).outcome();
    return this.start(program, args, options).wait();
  }

  /** Starts a command that runs on: `await server.listens(80)` waits until it can be used. */
  start(command: Command): Promise<Child>;
  start(program: string, args?: readonly string[], options?: CommandOptions): HostProcess;
  start(program: string | Command, args: readonly string[] = [], options: CommandOptions = {}): HostProcess | Promise<Child> {
    if (typeof program !== "string") return program.clone().in(this).start();
    const { place } = this.#lab.running;
    const enter = (words: readonly string[]) => [...enterWords(place, this.name, options.cwd ?? `?${process.cwd()}`), ...words];
    const started = new HostProcess(this.name, [program, ...args], enter, options);
    this.#lab.commands.push(started);
    return started;
  }

  /**
   * Starts a command under the tracer: `const t = await server.trace("nginx", [], { calls: ["%network"] })`, then
   * `await t.called("listen")`, or its events by `for await`.
   */
  async trace(program: string, args: readonly string[] = [], options: HostTraceOptions = {}): Promise<HostTrace> {
    const traced = await traceInHost(this.name, [program, ...args], this.words(options), options);
    this.#lab.traces.push(traced);
    return traced;
  }

  /** The words that start a command in this host, for who starts it by other means: put them in front of its own. */
  words(options: { cwd?: string } = {}): string[] {
    return enterWords(this.#lab.running.place, this.name, options.cwd ?? `?${process.cwd()}`);
  }
}
