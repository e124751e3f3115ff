import { type ChildProcess, spawn } from "node:child_process";
import { chownSync, mkdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { build } from "esbuild";
import { copyInstallation, type Installation } from "../support/installation.ts";
import { asPerson, type Person, runAs } from "../support/person.ts";

/** Runs cases in a process of their own, as anybody: what root may do, an ordinary user may not. */
export class LabRunner {
  readonly installation: Installation;
  readonly #bundle: string;

  private constructor(installation: Installation, bundle: string) {
    this.installation = installation;
    this.#bundle = bundle;
  }

  /** @param entry the file with the cases, relative to this folder. */
  static async make(entry: string): Promise<LabRunner> {
    const installation = copyInstallation();
    // Beside the native programs of the copy.
    const bundle = join(installation.folder, "dist", "cases.mjs");
    const settings = { bundle: true, platform: "node", format: "esm", logLevel: "error", target: "node20" } as const;
    const banner = { js: 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);' };
    await build({ ...settings, banner, entryPoints: [resolve(import.meta.dirname, entry)], outfile: bundle });
    return new LabRunner(installation, bundle);
  }

  /** What the case wrote. @throws with all that it said, unless it succeeds. */
  run(person: Person, name: string, ...more: string[]): string {
    const { status, stdout, stderr } = runAs(person, this.words(name, ...more), { cwd: "/", env: this.env(person) });
    if (status !== 0) throw new Error(`${name} as ${person.name} ended with ${status}:\n${stdout}${stderr}`);
    return stdout;
  }

  /** The same, running on. */
  start(person: Person, name: string, env: Record<string, string> = {}, ...more: string[]): ChildProcess {
    const [program, ...args] = asPerson(person, this.words(name, ...more));
    return spawn(program, args, { cwd: "/", env: { ...this.env(person), ...env }, stdio: ["pipe", "pipe", "inherit"] });
  }

  words(name: string, ...more: string[]): string[] {
    return [process.execPath, this.#bundle, name, ...more];
  }

  env(person: Person): Record<string, string> {
    return {
      HOME: this.home(person),
      USER: person.name,
      PATH: `${this.installation.path}:/usr/sbin:/sbin`,
      LANG: "C.UTF-8",
    };
  }

  /** A folder that nobody else changes. */
  home(person: Person): string {
    const home = join(this.installation.folder, `home-${person.uid}`);
    mkdirSync(home, { recursive: true });
    chownSync(home, person.uid, person.gid);
    return home;
  }

  remove(): void {
    this.installation.remove();
  }
}
