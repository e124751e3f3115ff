import { closeSync } from "node:fs";
import type { Writable } from "node:stream";
import { format } from "node:util";
import type { Child } from "./child.ts";
import { findCaller } from "./mistake.ts";
import { CommandError, type Result } from "./outcome.ts";
import { quoteCommand, quoteInLines } from "./quote.ts";
import {
  copySettings,
  type Enterable,
  emptySettings,
  type Limits,
  type Settings,
  type SetUpStep,
  type VariableRule,
  type Way,
} from "./settings.ts";
import { startChild } from "./start.ts";
import { giveOther, type Input, joinOutput, type OutputTo, passOurs, setInput, setOutput, toBytes } from "./tell/descriptors.ts";
import { allowCapabilities, setGroup, setGroups, setUser } from "./tell/identity.ts";
import { addSteps, setEncoding, setKilling, setOutputGrace, setTimeLimit, setWay } from "./tell/life.ts";
import type { Wrong } from "./tell/mistakes.ts";
import { setLimits, setNice, setOomScore, setUmask } from "./tell/resources.ts";
import { addWords, setVariables } from "./tell/words.ts";

/**
 * A command that can be run, more than once too. Its methods change it and return it. What is told wrongly is kept,
 * with its place, until it is run. Use `command()` to make one.
 */
export class Command<Out extends string | Buffer = string> {
  readonly #settings: Settings;

  /** @internal */
  constructor(program: string, args: readonly string[] = []) {
    this.#settings = emptySettings([program]);
    if (typeof program !== "string" || program === "") this.#note("a command needs a program");
    this.args(args);
  }

  /** One argument after the other. The empty string is one too. */
  arg(...words: string[]): this {
    return this.args(words);
  }

  args(words: readonly string[]): this {
    return this.#note(addWords(this.#settings, words));
  }

  /** One argument, formatted as util.format does; no shell ever splits it. */
  argFormat(template: string, ...values: unknown[]): this {
    return this.arg(format(template, ...values));
  }

  /** One argument `name=value`. */
  argPair(name: string, value: string | number): this {
    return this.arg(`${name}=${value}`);
  }

  /** Sets variables; undefined removes one. The last one wins. */
  env(variables: Record<string, string | undefined>): this {
    return this.#note(setVariables(this.#settings, variables));
  }

  envFormat(name: string, template: string, ...values: unknown[]): this {
    return this.env({ [name]: format(template, ...values) });
  }

  /** Nothing of ours passes, but for what is named afterwards. */
  envNone(): this {
    return this.#set({ inheritVariables: false, variables: [] });
  }

  /** LD_PRELOAD, LD_LIBRARY_PATH, PATH, HOME, USER, LOGNAME and TMPDIR as far as they are set, and LC_ALL=C; nothing else. */
  envCommon(): this {
    return this.#passOnly({ kind: "common" });
  }

  /** These of ours, as far as they are set, and others only if they are named too. */
  envPass(...names: string[]): this {
    return this.#passOnly(...names.map((name) => ({ kind: "pass", name }) as const));
  }

  /** The same for one that a set-uid process must not take from its caller: there it is `fallback`, or is left out. */
  envPassSafe(name: string, fallback?: string): this {
    return this.#passOnly({ kind: "pass-safe", name, fallback });
  }

  /** A relative program is looked for from there. A bad one is its own fault: step "change to the working directory". */
  cwd(folder: string): this {
    return this.#set({ cwd: folder });
  }

  umask(mask: number): this {
    return this.#note(setUmask(this.#settings, mask));
  }

  /** Soft and hard limit at once. */
  limit(limits: Limits): this {
    return this.#note(setLimits(this.#settings, limits));
  }

  nice(value: number): this {
    return this.#note(setNice(this.#settings, value));
  }

  oomScore(value: number): this {
    return this.#note(setOomScore(this.#settings, value));
  }

  uid(who: number | string): this {
    return this.#note(setUser(this.#settings, who));
  }

  gid(which: number | string): this {
    return this.#note(setGroup(this.#settings, which));
  }

  /** Supplementary groups: none, those of the user given by `uid`, or these. */
  groups(which: "none" | "init" | readonly number[]): this {
    return this.#note(setGroups(this.#settings, which));
  }

  /** Gives up all capabilities but those that are allowed. */
  clearCapabilities(): this {
    return this.#set({ capabilities: [] });
  }

  allowCapability(...names: string[]): this {
    return this.#note(allowCapabilities(this.#settings, names));
  }

  appArmor(profile: string): this {
    return this.#set({ apparmor: profile });
  }

  selinux(label: string): this {
    return this.#set({ selinux: label });
  }

  /** What it reads. Bytes are held in memory for it, so that nothing has to feed it. */
  stdin(from: Input): this {
    return this.#note(setInput(this.#settings, from));
  }

  /** Its stdin, from a text or bytes. */
  input(data: string | Uint8Array): this {
    return this.stdin(toBytes(data));
  }

  stdout(to: OutputTo): this {
    return this.#note(setOutput(this.#settings, 1, to));
  }

  stderr(to: OutputTo): this {
    return this.#note(setOutput(this.#settings, 2, to));
  }

  /** stderr goes where stdout goes, in the order in which both are written. */
  joinOutput(): this {
    return this.#note(joinOutput(this.#settings));
  }

  /** Bytes that it can read from another descriptor. */
  inputAt(fd: number, data: string | Uint8Array): this {
    return this.#note(giveOther(this.#settings, fd, { kind: "bytes", bytes: toBytes(data) }));
  }

  /** What it writes to another descriptor. */
  readFrom(fd: number, to: Writable): this {
    return this.#note(giveOther(this.#settings, fd, { kind: "pipe", direction: "read", stream: to }));
  }

  /** A pipe from or to another descriptor of it: `Child.stream(fd)` is our end. */
  pipeFrom(fd: number): this {
    return this.#note(giveOther(this.#settings, fd, { kind: "pipe", direction: "read" }));
  }
  pipeTo(fd: number): this {
    return this.#note(giveOther(this.#settings, fd, { kind: "pipe", direction: "written" }));
  }

  /** /dev/null at another descriptor, to be read and written. */
  nullAt(fd: number): this {
    return this.#note(giveOther(this.#settings, fd, { kind: "null" }));
  }

  /** Passes our descriptor under its own number, or `as` another; all that are not passed are closed. */
  passFd(fd: number, options: { closeInParent?: boolean; as?: number } = {}): this {
    return this.#note(passOurs(this.#settings, fd, options));
  }

  /** Steps between fork and exec, in this order. */
  setUp(...steps: SetUpStep[]): this {
    return this.#note(addSteps(this.#settings, steps));
  }

  /** It waits, all set up, until `Child.notifyHandshake`; when we end before, it never becomes the program. */
  handshake(): this {
    return this.#set({ handshake: true });
  }

  /** Written, whole, before it becomes the program. */
  pidfile(path: string): this {
    return this.#set({ pidfile: path });
  }

  /** A session of its own, nobody's child, in `/` unless a folder is given; `run` returns when it is the program. */
  daemon(): this {
    return this.#set({ daemon: true });
  }

  /** Milliseconds, after which the whole tree gets the kill signal. */
  timeout(milliseconds: number): this {
    return this.#note(setTimeLimit(this.#settings, milliseconds));
  }

  /** What ends it, and how many milliseconds later SIGKILL does: SIGTERM, and 5,000. */
  killBy(signal: NodeJS.Signals, grace = this.#settings.killGrace): this {
    return this.#note(setKilling(this.#settings, signal, grace));
  }

  /**
   * How many milliseconds after its end its output is waited for while others, such as a process in the background, hold
   * it open: 100, which each chunk begins anew.
   */
  outputGrace(milliseconds: number): this {
    return this.#note(setOutputGrace(this.#settings, milliseconds));
  }

  abortBy(signal: AbortSignal): this {
    return this.#set({ abort: signal });
  }

  /** "buffer": what is captured stays bytes. */
  encoding<Name extends "utf8" | "buffer">(name: Name): Command<Name extends "buffer" ? Buffer : string> {
    return this.#note(setEncoding(this.#settings, name)) as unknown as Command<Name extends "buffer" ? Buffer : string>;
  }

  /** Which launcher starts it. What is given a descriptor of ours is always started the one-shot way. */
  way(name: Way): this {
    return this.#note(setWay(this.#settings, name));
  }

  /** Runs in an environment, or undefined: on the host. */
  in(environment: Enterable | undefined): this {
    return this.#set({ environment });
  }

  /** Runs to the end. @throws CommandError unless it exits with 0. */
  async run(): Promise<Result<Out>> {
    return (await this.#launch()).wait();
  }

  /** Runs to the end; its exit status, 127 when the program is missing, 126 when it cannot be executed. */
  async status(): Promise<number> {
    return (await this.#launch()).status();
  }

  /** Runs to the end; exit status and signal are both results. */
  async outcome(): Promise<Result<Out>> {
    return (await this.#launch()).outcome();
  }

  /** Resolves when it is the program. @throws CommandError when it cannot be. */
  async start(): Promise<Child<Out>> {
    const child = await this.#launch();
    await child.started;
    return child;
  }

  /** Runs, and gives its lines as they come. @throws CommandError at the end, unless it exits with 0. */
  async *lines(): AsyncGenerator<string, void> {
    yield* await this.clone().stdout("pipe").start();
  }

  /** Another one that was told the same. */
  clone(): Command<Out> {
    const copy = new Command<Out>(this.#settings.argv[0] ?? "");
    return copy.#set(copySettings(this.#settings));
  }

  /** The command line as a POSIX shell would read it back to the same words; `lines`: each option on a line of its own. */
  toString(options: { lines?: boolean } = {}): string {
    return options.lines ? quoteInLines(this.#settings.argv) : quoteCommand(this.#settings.argv);
  }

  async #launch(): Promise<Child<Out>> {
    const { mistake } = this.#settings;
    if (mistake) throw new CommandError({ kind: "mistake", cause: mistake.text, place: mistake.place }, this.toString());
    const child = await startChild<Out>(this.clone().#settings);
    for (const from of this.#settings.descriptors.values()) if (from.kind === "ours" && from.closeInParent) closeSync(from.fd);
    return child;
  }

  /** @internal What `command()` was told wrongly. */
  mistaken(wrong: string): this {
    return this.#note(wrong);
  }

  #set(parts: Partial<Settings>): this {
    Object.assign(this.#settings, parts);
    return this;
  }

  #passOnly(...rules: VariableRule[]): this {
    return this.#set({ inheritVariables: false, variables: [...this.#settings.variables, ...rules] });
  }

  /** Keeps the first thing that was told wrongly, and where that was. */
  #note(wrong: Wrong): this {
    if (wrong !== undefined) this.#settings.mistake ??= { text: wrong, place: findCaller() };
    return this;
  }
}
