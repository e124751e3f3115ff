import {
  chmodSync,
  chownSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { runtimeLayout } from "../../src/launch/layout.ts";
import { lastWords, type RunResult, run } from "../../src/process/run.ts";
import { openOperations } from "./entry-file.ts";
import { type BenchUser, findTool } from "./host.ts";
import { Skip } from "./result.ts";

/** A user's qpod with folders of its own, and repositories bound in it; removed when the bench is done. */
export class World {
  readonly folder = realpathSync(mkdtempSync(join(tmpdir(), "qpod-bench-")));
  readonly user: BenchUser | undefined;
  readonly env: NodeJS.ProcessEnv;
  readonly layout = runtimeLayout(join(this.folder, "run", "qpod"));
  readonly qpodProgram: string;
  private readonly last: (() => Promise<void>)[] = [];

  constructor(qpodProgram: string, user?: BenchUser) {
    this.qpodProgram = qpodProgram;
    this.user = user;
    chmodSync(this.folder, 0o755);
    const XDG = { RUNTIME_DIR: "run", DATA_HOME: "data", STATE_HOME: "state", CONFIG_HOME: "config" };
    const folders = Object.entries(XDG).map(([name, folder]) => [`XDG_${name}`, this.makeFolder(folder)]);
    this.env = { PATH: process.env.PATH, HOME: this.makeFolder("home"), LANG: "C.UTF-8", USER: user?.name, ...Object.fromEntries(folders) };
  }

  makeFolder(name: string): string {
    const path = join(this.folder, name);
    mkdirSync(path, { mode: 0o700, recursive: true });
    this.give(path);
    return path;
  }

  writeFile(path: string, text: string | Uint8Array): void {
    writeFileSync(path, text);
    this.give(path);
  }

  /** A git repository with the bench's own cheapest program in it. */
  async makeRepository(name: string): Promise<string> {
    const path = this.makeFolder(name);
    await this.runOrFail(["git", "init", "--quiet", path]);
    copyFileSync(resolve("dist/bench/nothing"), join(path, "nothing"));
    this.give(join(path, "nothing"));
    return path;
  }

  /** An environment as a user would write it, bound to the repository, with its pod up. */
  async bind(repository: string, name: string, definition: string): Promise<void> {
    mkdirSync(join(this.folder, "config/qpod/environments"), { recursive: true });
    this.give(join(this.folder, "config/qpod"));
    this.give(join(this.folder, "config/qpod/environments"));
    this.writeFile(join(this.folder, "config/qpod/environments", `${name}.yaml`), definition);
    await this.runOrFail([this.qpodProgram, "init", name], repository);
    await this.runOrFail([this.qpodProgram, "run", "true"], repository);
  }

  /** The live pod of an environment: its id and its first process. */
  findPod(environment: string): { id: string; pid: number } {
    const file = readdirSync(this.layout.pods).find((one) => one.startsWith(`${environment}-`) && one.endsWith(".entry"));
    if (!file) throw new Error(`no pod of ${environment} is up`);
    const { pid } = openOperations(readFileSync(join(this.layout.pods, file)));
    return { id: file.replace(/\.entry$/, ""), pid };
  }

  /** As take-turns' option: the user that the worker becomes. */
  get become(): string | undefined {
    return this.user ? `${this.user.uid}:${this.user.gid}` : undefined;
  }

  /** What a session gives a program: the library, and nothing else. */
  get session(): Record<string, string> {
    return { LD_PRELOAD: this.layout.preload };
  }

  /** For take-turns' `before`: a shell command that is run as the user in the repository. */
  shellCommand(repository: string, words: readonly string[]): string {
    return `cd ${quote(repository)} && ${this.asUser(words).map(quote).join(" ")} >/dev/null 2>&1`;
  }

  run(argv: [string, ...string[]], cwd = this.folder): Promise<RunResult> {
    return run(this.asUser(argv), { cwd, env: this.env });
  }

  async runOrFail(argv: [string, ...string[]], cwd = this.folder): Promise<string> {
    const result = await this.run(argv, cwd);
    if (result.status !== 0)
      throw new Error(`${argv.join(" ")}: ${lastWords(result.stderr) || `status ${result.status}`}\n${result.stderr}`);
    return result.stdout.trim();
  }

  /** What else is to be undone before the folder goes. */
  atEnd(undo: () => Promise<void>): void {
    this.last.push(undo);
  }

  async remove(): Promise<void> {
    await this.run([this.qpodProgram, "down", "--all"]);
    for (const undo of this.last) await undo();
    // Layers that were written by subordinate ids are only their user's to remove; root may all the same.
    rmSync(this.folder, { recursive: true, force: true });
  }

  private asUser(argv: readonly string[]): [string, ...string[]] {
    if (!this.user) return argv as [string, ...string[]];
    const setpriv = findTool("setpriv");
    if (!setpriv) throw new Skip("setpriv is not installed");
    return [setpriv, "--reuid", String(this.user.uid), "--regid", String(this.user.gid), "--init-groups", "--", ...argv];
  }

  private give(path: string): void {
    if (this.user) chownSync(path, this.user.uid, this.user.gid);
  }
}

export function quote(word: string): string {
  return `'${word.replaceAll("'", "'\\''")}'`;
}
