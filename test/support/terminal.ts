import { chownSync } from "node:fs";
import { type IPty, spawn } from "node-pty";
import { asPerson, type Person } from "./person.ts";

export interface TerminalOptions {
  cwd: string;
  env: Record<string, string>;
  columns?: number;
  rows?: number;
}

export interface Answer {
  /** What the command wrote, without the echo of what was typed. */
  output: string;
  /** As the prompt shows it. */
  status: number;
}

/** What node-pty's terminals have besides what it tells the compiler. */
interface WholePty extends IPty {
  ptsName: string;
  destroy(): void;
}

const keys = { "ctrl-c": "\x03", "ctrl-d": "\x04", "ctrl-z": "\x1a", "ctrl-\\": "\x1c", "ctrl-p": "\x10", tab: "\t", enter: "\r" };
const PATIENCE = 20_000;

/** The prompt that every tested shell is given: the last status, so that whatever disturbs it is seen. */
const prompt = /\{(\d+)\}> $/;

/** A terminal with somebody typing. Nothing sleeps: each step waits for what it needs to see. */
export class Terminal {
  readonly #pty: WholePty;
  #raw = "";
  /** What was already looked at. */
  #seen = 0;
  #exit: number | undefined;
  #changed = () => {};

  constructor(person: Person, argv: readonly string[], options: TerminalOptions) {
    const [program, ...args] = asPerson(person, argv);
    const { cwd, env, columns = 200, rows = 50 } = options;
    this.#pty = spawn(program, args, { name: "xterm-256color", cwd, env, cols: columns, rows }) as WholePty;
    // As login does.
    if (process.getuid?.() === 0) chownSync(this.#pty.ptsName, person.uid, person.gid);
    this.#pty.onData((data) => {
      this.#raw += data;
      this.#changed();
    });
    this.#pty.onExit(({ exitCode, signal }) => {
      this.#exit = signal ? 128 + signal : exitCode;
      this.#changed();
    });
  }

  get pid(): number {
    return this.#pty.pid;
  }

  /** Everything since the last step, as a person reads it. */
  get screen(): string {
    return readable(this.#raw.slice(this.#seen));
  }

  /** Types a line. What was on the screen before counts as read. */
  type(line: string, key: keyof typeof keys = "enter"): void {
    this.#seen = this.#raw.length;
    this.#pty.write(`${line}${keys[key]}`);
  }

  press(key: keyof typeof keys): void {
    this.type("", key);
  }

  /** Types nothing but this. */
  send(text: string): void {
    this.#pty.write(text);
  }

  resize(columns: number, rows: number): void {
    this.#seen = this.#raw.length;
    this.#pty.resize(columns, rows);
  }

  /** Waits until the screen shows it; what follows it is looked at by the next step. */
  async waitFor(pattern: RegExp, patience = PATIENCE): Promise<RegExpMatchArray> {
    const match = await this.#until(() => this.screen.match(pattern) ?? undefined, `/${pattern.source}/`, patience);
    this.#passOver((match.index ?? 0) + match[0].length);
    return match;
  }

  /** Types a line at the prompt, and waits for the next prompt. */
  async run(line: string, patience = PATIENCE): Promise<Answer> {
    this.type(line);
    return this.prompt(patience);
  }

  /** Waits for the prompt: what came before it, less the rest of the line that was typed. */
  async prompt(patience = PATIENCE): Promise<Answer> {
    const match = await this.#until(() => this.screen.match(prompt) ?? undefined, "a prompt", patience);
    const text = this.screen.slice(0, match.index);
    this.#seen = this.#raw.length;
    return { output: text.slice(text.indexOf("\n") + 1).trim(), status: Number(match[1]) };
  }

  /** Waits for the end of what was started: its exit status. */
  exit(patience = PATIENCE): Promise<number> {
    return this.#until(() => this.#exit, "the end", patience);
  }

  /** Closes the window, which hangs up on all that runs in it. */
  async close(): Promise<void> {
    if (this.#exit !== undefined) return;
    this.#pty.destroy();
    await this.exit(3_000).catch(() => this.#pty.kill("SIGKILL"));
  }

  /** Checks now and whenever something changed. */
  #until<T>(check: () => T | undefined, what: string, patience: number): Promise<T> {
    return new Promise((resolve, reject) => {
      const fail = (why: string) =>
        finish(() => reject(new Error(`${why} while waiting for ${what}; the screen since then:\n${this.screen}`)));
      const timer = setTimeout(() => fail(`${patience / 1000} s went by`), patience);
      const finish = (end: () => void) => {
        clearTimeout(timer);
        this.#changed = () => {};
        end();
      };
      this.#changed = () => {
        const found = check();
        if (found !== undefined) finish(() => resolve(found));
        else if (this.#exit !== undefined) fail(`it ended with status ${this.#exit}`);
      };
      this.#changed();
    });
  }

  /** Moves on in the raw text by so many readable characters. */
  #passOver(count: number): void {
    const raw = this.#raw.slice(this.#seen);
    let low = 0;
    let high = raw.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (readable(raw.slice(0, middle)).length < count) low = middle + 1;
      else high = middle;
    }
    this.#seen += low;
  }
}

/** Without colours, cursor movements and titles. A sequence that has only half arrived is not shown yet. */
function readable(raw: string): string {
  return (
    raw
      .replaceAll(/\x1b\](?:[^\x07\x1b]|\x1b(?!\\))*(?:\x07|\x1b\\|$)/g, "")
      .replaceAll(/\x1b\[[0-?]*[ -/]*(?:[@-~]|$)/g, "")
      .replaceAll(/\x1b(?:[()*+][0-9A-Z]|[=>78cDEHMNOZ]|$)/g, "")
      // zsh and fish find out with a mark and a line's worth of spaces whether the last line was ended.
      .replaceAll(/[%#⏎] {30,}\r[ ⏎]*(?=\r|$)/g, "")
      .replaceAll(/\r+\n/g, "\n")
      .replaceAll(/[\r\x0e\x0f\x07]/g, "")
  );
}
