import { spawn } from "node:child_process";
import { chownSync, closeSync, mkdirSync, openSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { constants } from "node:os";
import { join } from "node:path";
import { spawn as spawnTerminal } from "node-pty";
import { Terminal } from "../support/terminal.ts";
import type { Value, Way } from "./way.ts";

export interface Request {
  /** Options of native/caller.c. */
  set?: readonly string[];
  /** For the probe: subject and arguments; or a whole command. */
  probe?: readonly string[];
  command?: readonly string[];
  /** The command is run as it is, not by the way. */
  outside?: true;
  cwd?: string;
  env?: Record<string, string>;
  /** A file for stdin, which is empty else. */
  input?: string;
  patience?: number;
  /** Called with the first bytes of output. */
  onOutput?: (text: string, pid: number) => void;
}

export interface Seen {
  pid: number;
  status: number;
  /** Name of the signal that ended it. */
  signal: string;
  stdout: string;
  stderr: string;
  /** What the probe said, when it came to that. */
  said: { [key: string]: Value };
}

/** As ps shows it. */
export const PROBE = "fidelity-probe";
const ADM = 4;
const signalNames = new Map(
  Object.entries(constants.signals)
    .reverse()
    .map(([name, number]) => [number, name]),
);

/** One way of entry, with a terminal or without. */
export class Visit {
  readonly way: Way;
  readonly terminal: boolean;
  /** Only what can be had in seconds. */
  readonly quick: boolean;
  /** The probe, as a command of the repository. */
  readonly probe: string;
  /** The same, for what is run on the host. */
  readonly outside: string;
  readonly #caller: string;
  readonly #folder: string;
  #runs = 0;
  #snapshot: Promise<Seen> | undefined;
  readonly #shells: Terminal[] = [];

  constructor(way: Way, terminal: boolean, quick: boolean) {
    this.way = way;
    this.terminal = terminal;
    this.quick = quick;
    this.#caller = join(way.elsewhere, "fidelity-caller");
    this.probe = join(way.repository, PROBE);
    this.outside = join(way.elsewhere, PROBE);
    this.#folder = way.repository;
  }

  /** A file in the repository that no other run uses. */
  newFile(): string {
    return join(this.#folder, `out-${++this.#runs}-${this.terminal ? "t" : "n"}`);
  }

  newFolder(): string {
    const folder = `${this.newFile()}.d`;
    mkdirSync(folder);
    chownSync(folder, this.way.person.uid, this.way.person.gid);
    return folder;
  }

  get cwd(): string {
    return this.#folder;
  }

  /** In ms: for what should happen at once. A way that takes long never takes as long as this. */
  get patience(): number {
    return this.way.slow ? 6_000 : 20_000;
  }

  get thorough(): boolean {
    return !this.quick && !this.way.slow;
  }

  /** The words that run the probe by this way. */
  words(probe: readonly string[], out = this.newFile(), cwd = this.way.repository): string[] {
    return this.way.enter([this.probe, out, ...probe], { terminal: this.terminal, cwd });
  }

  /** All that can be told of a command that was prepared in every way. */
  snapshot(): Promise<Seen> {
    const set = "--umask 027 --nicer 3 --cpu 0 --ignore 1 --ignore 12 --block 10".split(" ");
    const limits = "--limit-0 100000 --limit-1 1099511627776 --limit-3 16777216 --limit-4 1000000 --limit-7 1000".split(" ");
    this.#snapshot ??= this.run({ set: [...set, ...limits, "--open", join(this.#folder, "opened")], probe: ["snapshot"] });
    return this.#snapshot;
  }

  /** Runs a command to its end. */
  async run(request: Request): Promise<Seen> {
    const out = this.newFile();
    const { set = [], cwd = this.way.repository, probe, command = [this.probe, out, ...(probe ?? [])] } = request;
    const inside = set.includes("--directory") ? (set[set.indexOf("--directory") + 1] ?? cwd) : cwd;
    const words = request.outside ? command : this.way.enter(command, { terminal: this.terminal, cwd: inside });
    const argv = this.asPerson([this.#caller, ...set, "--", ...words]);
    const options = { cwd, env: { ...this.way.env, ...request.env } };
    const ended = await (this.terminal ? this.#runOnTerminal(argv, options, request) : this.#runOnPipes(argv, options, request));
    return { ...ended, said: readSaid(out) };
  }

  /** A line for a shell without a terminal of its own, to its end. */
  script(line: string, patience = this.patience): Promise<Seen> {
    return this.run({ outside: true, command: ["bash", "-c", line], patience });
  }

  /** What a probe wrote to its file, which is removed. */
  read(out: string): Seen["said"] {
    return readSaid(out);
  }

  /** A shell at its prompt, as a person has it. */
  async shell(): Promise<Terminal> {
    const { person, env, repository: cwd } = this.way;
    const shell = new Terminal(person, ["bash", "--norc", "--noprofile"], { cwd, env: { ...env, PS1: "{$?}> " } });
    this.#shells.push(shell);
    await shell.prompt();
    return shell;
  }

  /** A line for that shell which runs the probe. */
  line(probe: readonly string[], out?: string): string {
    return this.words(probe, out).map(quote).join(" ");
  }

  /** How many probes with this file still run, when they were given some time to end; none does afterwards. */
  async left(out: string): Promise<number> {
    const deadline = Date.now() + this.patience / 2;
    let found = findProbes(out);
    while (found.length > 0 && Date.now() < deadline) {
      await new Promise((resolve) => setTimeout(resolve, 10));
      found = findProbes(out);
    }
    for (const pid of found) end(pid);
    return found.length;
  }

  /** Ends what a row left open. */
  async settle(): Promise<void> {
    for (const shell of this.#shells.splice(0)) await shell.close();
    for (const pid of findProcesses((words) => words.some((word) => word.startsWith(join(this.#folder, "out-"))))) end(pid);
  }

  /** With a group besides their own. */
  asPerson(argv: readonly string[]): string[] {
    const { uid, gid } = this.way.person;
    if (process.getuid?.() !== 0) return [...argv];
    return ["setpriv", "--reuid", String(uid), "--regid", String(gid), "--groups", `${gid},${ADM}`, "--", ...argv];
  }

  #runOnPipes(argv: string[], options: { cwd: string; env: Record<string, string> }, request: Request): Promise<Omit<Seen, "said">> {
    const { input, patience = this.patience, onOutput } = request;
    const stdin = openSync(input ?? "/dev/null", "r");
    return new Promise((resolve, reject) => {
      const child = spawn(argv[0] ?? "", argv.slice(1), { ...options, stdio: [stdin, "pipe", "pipe"] });
      closeSync(stdin);
      const text = { stdout: "", stderr: "" };
      for (const name of ["stdout", "stderr"] as const)
        child[name]?.on("data", (chunk) => {
          text[name] += chunk;
          onOutput?.(text.stdout, child.pid ?? 0);
        });
      const timer = setTimeout(() => {
        child.kill("SIGKILL");
        reject(new Error(`no end within ${patience / 1000} s`));
      }, patience);
      child.on("error", reject);
      child.on("close", (status, signal) => {
        clearTimeout(timer);
        resolve({ pid: child.pid ?? 0, status: status ?? 0, signal: signal ?? "", ...text });
      });
    });
  }

  #runOnTerminal(argv: string[], options: { cwd: string; env: Record<string, string> }, request: Request): Promise<Omit<Seen, "said">> {
    const { patience = this.patience, onOutput } = request;
    const [program = "", ...args] = argv;
    return new Promise((resolve, reject) => {
      const pty = spawnTerminal(program, args, { ...options, name: options.env.TERM ?? "xterm", cols: 91, rows: 33 });
      let stdout = "";
      pty.onData((data) => {
        stdout += data;
        onOutput?.(stdout, pty.pid);
      });
      const timer = setTimeout(() => {
        pty.kill("SIGKILL");
        reject(new Error(`no end within ${patience / 1000} s`));
      }, patience);
      pty.onExit(({ exitCode, signal }) => {
        clearTimeout(timer);
        resolve({ pid: pty.pid, status: exitCode, signal: signalNames.get(signal ?? 0) ?? "", stdout, stderr: "" });
      });
    });
  }
}

export const quote = (word: string) => (/^[\w/.,:=@%+-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`);

function readSaid(out: string): Seen["said"] {
  try {
    return JSON.parse(readFileSync(out, "utf8"));
  } catch {
    return {};
  } finally {
    rmSync(out, { force: true });
  }
}

/** Processes of the probe's program that were given this file, whatever namespace they are in. */
function findProbes(out: string): number[] {
  return findProcesses(([program, first]) => program?.endsWith(`/${PROBE}`) === true && first === out);
}

/** By their words; no zombies, which have none. */
function findProcesses(isMeant: (words: string[]) => boolean): number[] {
  const pids = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  return pids.map(Number).filter((pid) => {
    try {
      return pid !== process.pid && isMeant(readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0"));
    } catch {
      return false;
    }
  });
}

function end(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It has ended by itself.
  }
}
