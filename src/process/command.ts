import { closeSync } from "node:fs";
import { Readable, Writable } from "node:stream";
import { format } from "node:util";
import { didYouMean } from "../base/text.ts";
import { findAccount, findGroup, groupsOf } from "./accounts.ts";
import { capabilityNames, isCapability } from "./capabilities.ts";
import type { Child } from "./child.ts";
import { CommandError } from "./command-error.ts";
import { findCaller } from "./mistake.ts";
import { applyOptions, type CommandOptions } from "./options.ts";
import { quoteCommand, quoteInLines } from "./quote.ts";
import type { Result } from "./result.ts";
import { type Enterable, emptySettings, type Limits, type Settings, type SetUpStep, type Source, type Way } from "./settings.ts";
import { signalNumber } from "./signals.ts";
import { startChild } from "./start.ts";

export type Input = "null" | "inherit" | "pipe" | number | { file: string } | Uint8Array | Readable;
export type OutputTo = "buffer" | "null" | "inherit" | "pipe" | number | { file: string; append?: boolean } | Writable;

const limitNames: (keyof Limits)[] = ["files", "processes", "core", "memlock", "cpu", "addressSpace"];

/**
 * A command that can be run, more than once too. Its methods change it and return it. What is told wrongly is kept,
 * with its place, until it is run. Use `command()` to make one.
 */
export class Command<Out extends string | Buffer = string> {
  readonly #settings: Settings;

  /** @internal */
  constructor(program: string, args: readonly string[] = [], options: CommandOptions = {}) {
    this.#settings = emptySettings([program]);
    if (typeof program !== "string" || program === "") this.#mistake("a command needs a program");
    this.args(args);
    applyOptions(this as Command<string>, options, (text) => this.#mistake(text));
  }

  /** One argument after the other. The empty string is one too. */
  arg(...words: string[]): this {
    return this.args(words);
  }

  args(words: readonly string[]): this {
    for (const word of words) {
      if (typeof word !== "string") this.#mistake(`an argument is no string: ${String(word)}`);
      else if (word.includes("\0")) this.#mistake(`an argument holds a NUL: ${JSON.stringify(word)}`);
      else this.#settings.argv.push(word);
    }
    return this;
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
    for (const [name, value] of Object.entries(variables)) {
      if (name === "" || /[=\0]/.test(name) || value?.includes("\0")) this.#mistake(`no such variable can be: ${JSON.stringify(name)}`);
      else this.#settings.variables.push({ kind: "set", name, value });
    }
    return this;
  }

  envFormat(name: string, template: string, ...values: unknown[]): this {
    return this.env({ [name]: format(template, ...values) });
  }

  /** Nothing of ours passes, but for what is named afterwards. */
  envNone(): this {
    this.#settings.inheritVariables = false;
    this.#settings.variables = [];
    return this;
  }

  /** LD_PRELOAD, LD_LIBRARY_PATH, PATH, HOME, USER, LOGNAME and TMPDIR as far as they are set, and LC_ALL=C; nothing else. */
  envCommon(): this {
    this.#settings.inheritVariables = false;
    this.#settings.variables.push({ kind: "common" });
    return this;
  }

  /** These of ours, as far as they are set, and others only if they are named too. */
  envPass(...names: string[]): this {
    this.#settings.inheritVariables = false;
    for (const name of names) this.#settings.variables.push({ kind: "pass", name });
    return this;
  }

  /** The same for one that a set-uid process must not take from its caller: there it is `fallback`, or is left out. */
  envPassSafe(name: string, fallback?: string): this {
    this.#settings.inheritVariables = false;
    this.#settings.variables.push({ kind: "pass-safe", name, fallback });
    return this;
  }

  /** A relative program is looked for from there. A bad one is its own fault: step "change to the working directory". */
  cwd(folder: string): this {
    this.#settings.cwd = folder;
    return this;
  }

  umask(mask: number): this {
    if (!Number.isInteger(mask) || mask < 0 || mask > 0o777) return this.#mistake(`${mask} is no umask`);
    this.#settings.umask = mask;
    return this;
  }

  /** Soft and hard limit at once. */
  limit(limits: Limits): this {
    for (const [name, value] of Object.entries(limits)) {
      if (!limitNames.includes(name as keyof Limits))
        this.#mistake(`there is no limit ${JSON.stringify(name)}. ${didYouMean(name, limitNames) ?? ""}`.trim());
      else if (value !== "unlimited" && (!Number.isSafeInteger(value) || value < 0))
        this.#mistake(`the limit on ${name} cannot be ${value}`);
      else this.#settings.limits = { ...this.#settings.limits, [name]: value };
    }
    return this;
  }

  nice(value: number): this {
    if (!Number.isInteger(value) || value < -20 || value > 19) return this.#mistake(`${value} is no nice value: -20 to 19`);
    this.#settings.nice = value;
    return this;
  }

  oomScore(value: number): this {
    if (!Number.isInteger(value) || value < -1000 || value > 1000) return this.#mistake(`${value} is no OOM score: -1000 to 1000`);
    this.#settings.oomScore = value;
    return this;
  }

  uid(who: number | string): this {
    const uid = typeof who === "number" ? who : findAccount(who)?.uid;
    if (uid === undefined || !isId(uid)) return this.#mistake(`there is no user ${who}`);
    this.#settings.uid = uid;
    return this;
  }

  gid(which: number | string): this {
    const gid = typeof which === "number" ? which : findGroup(which);
    if (gid === undefined || !isId(gid)) return this.#mistake(`there is no group ${which}`);
    this.#settings.gid = gid;
    return this;
  }

  /** Supplementary groups: none, those of the user given by `uid`, or these. */
  groups(which: "none" | "init" | readonly number[]): this {
    if (which === "init") {
      const account = findAccount(this.#settings.uid ?? process.getuid?.() ?? 0);
      if (!account) return this.#mistake(`the user ${this.#settings.uid} is not in /etc/passwd: which groups are theirs cannot be told`);
      this.#settings.groups = groupsOf(account);
      return this;
    }
    const list = which === "none" ? [] : [...which];
    const wrong = list.find((one) => !isId(one));
    if (wrong !== undefined) return this.#mistake(`${wrong} is no group`);
    this.#settings.groups = list;
    return this;
  }

  /** Gives up all capabilities but those that are allowed. */
  clearCapabilities(): this {
    this.#settings.capabilities = [];
    return this;
  }

  allowCapability(...names: string[]): this {
    for (const name of names) {
      if (!isCapability(name)) this.#mistake(`there is no capability ${name}. ${didYouMean(name, capabilityNames) ?? ""}`.trim());
      else if (!this.#settings.capabilities) this.#mistake("allowCapability() comes after clearCapabilities()");
      else this.#settings.capabilities.push(name);
    }
    return this;
  }

  appArmor(profile: string): this {
    this.#settings.apparmor = profile;
    return this;
  }

  selinux(label: string): this {
    this.#settings.selinux = label;
    return this;
  }

  /** What it reads. Bytes are held in memory for it, so that nothing has to feed it. */
  stdin(from: Input): this {
    return this.#describe(0, this.#inputSource(from));
  }

  /** Its stdin, from a text or bytes. */
  input(data: string | Uint8Array): this {
    return this.stdin(typeof data === "string" ? Buffer.from(data) : data);
  }

  stdout(to: OutputTo): this {
    return this.#describe(1, this.#outputSource(1, to));
  }

  stderr(to: OutputTo): this {
    return this.#describe(2, this.#outputSource(2, to));
  }

  /** stderr goes where stdout goes, in the order in which both are written. */
  joinOutput(): this {
    return this.#describe(2, { kind: "same", as: 1 });
  }

  /** Bytes that it can read from another descriptor. */
  inputAt(fd: number, data: string | Uint8Array): this {
    return this.#pass(fd, { kind: "bytes", bytes: typeof data === "string" ? Buffer.from(data) : data });
  }

  /** What it writes to another descriptor. */
  readFrom(fd: number, to: Writable): this {
    return this.#pass(fd, { kind: "pipe", direction: "read", stream: to });
  }

  /** A pipe from or to another descriptor of it: `Child.stream(fd)` is our end. */
  pipeFrom(fd: number): this {
    return this.#pass(fd, { kind: "pipe", direction: "read" });
  }
  pipeTo(fd: number): this {
    return this.#pass(fd, { kind: "pipe", direction: "written" });
  }

  /** /dev/null at another descriptor, to be read and written. */
  nullAt(fd: number): this {
    return this.#pass(fd, { kind: "null" });
  }

  /** Passes our descriptor under its own number, or `as` another; all that are not passed are closed. */
  passFd(fd: number, options: { closeInParent?: boolean; as?: number } = {}): this {
    if (!isDescriptor(fd)) return this.#mistake(`${fd} is no descriptor`);
    return this.#pass(options.as ?? fd, { kind: "ours", fd, closeInParent: options.closeInParent ?? false });
  }

  /** Steps between fork and exec, in this order. */
  setUp(...steps: SetUpStep[]): this {
    for (const step of steps) {
      const problem = checkStep(step);
      if (problem) this.#mistake(problem);
      else this.#settings.steps.push(step);
    }
    return this;
  }

  /** It waits, all set up, until `Child.notifyHandshake`; when we end before, it never becomes the program. */
  handshake(): this {
    this.#settings.handshake = true;
    return this;
  }

  /** Written, whole, before it becomes the program. */
  pidfile(path: string): this {
    this.#settings.pidfile = path;
    return this;
  }

  /** A session of its own, nobody's child, in `/` unless a folder is given; `run` returns when it is the program. */
  daemon(): this {
    this.#settings.daemon = true;
    return this;
  }

  /** Milliseconds, after which the whole tree gets the kill signal. */
  timeout(milliseconds: number): this {
    if (!(milliseconds > 0)) return this.#mistake(`the timeout cannot be ${milliseconds}`);
    this.#settings.timeout = milliseconds;
    return this;
  }

  /** What ends it, and how many milliseconds later SIGKILL does: SIGTERM, and 5,000. */
  killBy(signal: NodeJS.Signals, grace = this.#settings.killGrace): this {
    if (signalNumber(signal) === undefined) return this.#mistake(`there is no signal ${signal}`);
    this.#settings.killSignal = signal;
    this.#settings.killGrace = grace;
    return this;
  }

  /**
   * How many milliseconds after its end its output is waited for while others, such as a process in the background, hold
   * it open: 100, which each chunk begins anew.
   */
  outputGrace(milliseconds: number): this {
    if (!(milliseconds >= 0)) return this.#mistake(`the output grace cannot be ${milliseconds}`);
    this.#settings.outputGrace = milliseconds;
    return this;
  }

  abortBy(signal: AbortSignal): this {
    this.#settings.abort = signal;
    return this;
  }

  /** "buffer": what is captured stays bytes. */
  encoding<Name extends "utf8" | "buffer">(name: Name): Command<Name extends "buffer" ? Buffer : string> {
    if (name !== "utf8" && name !== "buffer") this.#mistake(`there is no encoding ${name}: "utf8" or "buffer"`);
    else this.#settings.encoding = name;
    return this as unknown as Command<Name extends "buffer" ? Buffer : string>;
  }

  /** Which launcher starts it. What is given a descriptor of ours is always started the one-shot way. */
  way(name: Way): this {
    if (name !== "resident" && name !== "one-shot") return this.#mistake(`there is no way ${name}: "resident" or "one-shot"`);
    this.#settings.way = name;
    return this;
  }

  /** Runs in an environment, or undefined: on the host. */
  in(environment: Enterable | undefined): this {
    this.#settings.environment = environment;
    return this;
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
    yield* await this.#clone().stdout("pipe").start();
  }

  /** Another one that was told the same. */
  clone(): Command<Out> {
    return this.#clone();
  }

  /** The command line as a POSIX shell would read it back to the same words; `lines`: each option on a line of its own. */
  toString(options: { lines?: boolean } = {}): string {
    return options.lines ? quoteInLines(this.#settings.argv) : quoteCommand(this.#settings.argv);
  }

  #clone(): Command<Out> {
    const copy = new Command<Out>(this.#settings.argv[0] ?? "");
    Object.assign(copy.#settings, {
      ...this.#settings,
      argv: [...this.#settings.argv],
      variables: [...this.#settings.variables],
      steps: [...this.#settings.steps],
      descriptors: new Map(this.#settings.descriptors),
      capabilities: this.#settings.capabilities && [...this.#settings.capabilities],
    });
    return copy;
  }

  async #launch(): Promise<Child<Out>> {
    const { mistake } = this.#settings;
    if (mistake) throw new CommandError({ kind: "mistake", cause: mistake.text, place: mistake.place }, this.toString());
    const child = await startChild<Out>(this.#clone().#settings);
    for (const from of this.#settings.descriptors.values()) if (from.kind === "ours" && from.closeInParent) closeSync(from.fd);
    return child;
  }

  #mistake(text: string): this {
    this.#settings.mistake ??= { text, place: findCaller() };
    return this;
  }

  #describe(target: number, from: Source | string): this {
    if (typeof from === "string") return this.#mistake(from);
    const name = ["stdin", "stdout", "stderr"][target] ?? `descriptor ${target}`;
    if (this.#settings.descriptors.has(target)) return this.#mistake(`${name} is given twice`);
    this.#settings.descriptors.set(target, from);
    return this;
  }

  #pass(fd: number, from: Source): this {
    if (!Number.isInteger(fd) || fd <= 2)
      return this.#mistake(`descriptor ${fd} cannot be passed: 0, 1 and 2 are given by stdin(), stdout() and stderr()`);
    return this.#describe(fd, from);
  }

  #inputSource(from: Input): Source | string {
    if (from === "null") return { kind: "null" };
    if (from === "inherit") return { kind: "ours", fd: 0 };
    if (from === "pipe") return { kind: "pipe", direction: "written" };
    if (typeof from === "number") return isDescriptor(from) ? { kind: "ours", fd: from } : `${from} is no descriptor`;
    if (from instanceof Uint8Array) return { kind: "bytes", bytes: from };
    if (from instanceof Readable) return { kind: "pipe", direction: "written", stream: from };
    if (typeof from === "object" && typeof from?.file === "string") return { kind: "file", path: from.file, append: false };
    return `stdin cannot be ${String(from)}`;
  }

  #outputSource(target: 1 | 2, to: OutputTo): Source | string {
    if (to === "buffer") return { kind: "captured" };
    if (to === "null") return { kind: "null" };
    if (to === "inherit") return { kind: "ours", fd: target };
    if (to === "pipe") return { kind: "pipe", direction: "read" };
    if (typeof to === "number") return isDescriptor(to) ? { kind: "ours", fd: to } : `${to} is no descriptor`;
    if (to instanceof Writable) return { kind: "pipe", direction: "read", stream: to };
    if (typeof to === "object" && typeof to?.file === "string") return { kind: "file", path: to.file, append: to.append ?? false };
    return `${target === 1 ? "stdout" : "stderr"} cannot be ${String(to)}`;
  }
}

const isId = (id: number) => Number.isInteger(id) && id >= 0 && id < 2 ** 32 - 1;
const isDescriptor = (fd: number) => Number.isInteger(fd) && fd >= 0;

function checkStep(step: SetUpStep): string | undefined {
  if (step === "new-session" || step === "new-group" || step === "no-new-privileges") return undefined;
  const { parentDeathSignal, ignoreSignal, write, chroot } = step as Partial<Record<string, string>>;
  const signal = parentDeathSignal ?? ignoreSignal;
  if (signal === undefined && write === undefined && chroot === undefined) return `there is no set-up step ${JSON.stringify(step)}`;
  return signal !== undefined && signalNumber(signal as NodeJS.Signals) === undefined ? `there is no signal ${signal}` : undefined;
}

/** A command, to be told more and run: `command("git", ["status"]).cwd(folder).run()`. */
export function command(program: string, args?: readonly string[], options?: CommandOptions): Command<string>;
export function command(program: string, args: readonly string[] = [], options: CommandOptions = {}): Command<string> {
  return new Command(program, args, options);
}
