import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import type { Installation } from "../support/installation.ts";
import { asPerson, type Person } from "../support/person.ts";
import { Workshop } from "../support/workshop.ts";

/** A repository that no environment is bound to, and its scratch. */
export class Trial extends Workshop {
  readonly qpod: string;

  constructor(person: Person, installation: Installation) {
    super(person, installation);
    this.qpod = installation.qpod;
    this.run(["git", "init", "--quiet", "--initial-branch=main"]);
  }

  scratch(...args: string[]) {
    return this.run([this.qpod, "scratch", ...args]);
  }

  /** What it wrote, if all went well. */
  say(...args: string[]): string {
    const { status, stdout, stderr } = this.scratch(...args);
    if (status !== 0) throw new Error(`scratch ${args.join(" ")} ended with ${status}: ${stderr}`);
    return stdout;
  }

  /** Runs on; its exit status. */
  async start(...args: string[]): Promise<number> {
    const [program, ...words] = asPerson(this.person, [this.qpod, "scratch", ...args]);
    const child = spawn(program, words, { cwd: this.repository, env: this.env, stdio: "ignore" });
    return (await once(child, "close"))[0];
  }

  /** The lines of `diff --stat`. */
  stat(): string[] {
    return this.say("diff", "--stat").trimEnd().split("\n");
  }

  python(script: string, ...args: string[]): string {
    return this.must(["python3", "-c", script, ...args]);
  }

  real(name: string): string {
    return join(this.repository, name);
  }

  /** The path of a part of what is kept of the only scratch. */
  find(part: string): string {
    const folder = join(this.env.XDG_DATA_HOME ?? "", "qpod/scratch");
    const found = readdirSync(folder)
      .map((name) => join(folder, name, part))
      .find(existsSync);
    if (!found) throw new Error(`there is no ${part} in ${folder}`);
    return found;
  }
}
