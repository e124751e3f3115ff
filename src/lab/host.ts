import { QpodError } from "../base/errors.ts";
import { lastWords, run } from "../process/run.ts";
import type { Lab } from "./lab.ts";
import { enterWords } from "./start.ts";
import type { Route } from "./topology.ts";

/** What became of a command in a host. */
export interface HostResult {
  /** As a shell says it: 128 + n for death by signal n. */
  status: number;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
}

/** One host of a lab. */
export class Host {
  readonly name: string;
  readonly #lab: Lab;

  /** @internal */
  constructor(name: string, lab: Lab) {
    this.name = name;
    this.#lab = lab;
  }

  /** Declares a route. */
  route(to: string, options: Omit<Route, "to">): this {
    this.#lab.topology.hosts[this.name]?.routes?.push({ to, ...options });
    return this;
  }

  /** Runs a command in the host to its end. @throws QpodError unless it exits with 0. */
  async run(program: string, args: readonly string[] = []): Promise<HostResult> {
    const result = await this.outcome(program, args);
    if (result.status === 0) return result;
    throw new QpodError({
      fact: `${program} on ${this.name} ended with status ${result.status}: ${lastWords(result.stderr || result.stdout)}`,
    });
  }

  /** The same, where its status is a result. */
  async outcome(program: string, args: readonly string[] = []): Promise<HostResult> {
    const [launcher = "", ...words] = enterWords(this.#lab.running.place, this.name, `?${process.cwd()}`);
    const { status, signal, stdout, stderr } = await run([launcher, ...words, program, ...args]);
    return { status, signal, stdout, stderr };
  }
}
