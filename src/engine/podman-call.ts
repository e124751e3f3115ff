import { QpodError } from "../base/errors.ts";
import { lastWords, type RunOptions, type RunResult, run } from "../process/run.ts";
import type { PodmanFacts } from "./podman-facts.ts";

/** podman as it is to be called on this host. */
export class Podman {
  readonly facts: PodmanFacts;
  readonly env: Record<string, string | undefined>;

  constructor(facts: PodmanFacts, env: Record<string, string | undefined> = process.env) {
    this.facts = facts;
    this.env = env;
  }

  /** argv of a subcommand. */
  argv(args: readonly string[]): [string, ...string[]] {
    return [this.facts.program, ...this.facts.options, ...args];
  }

  /** Runs a subcommand; an exit status other than 0 is a result. */
  call(args: readonly string[], options: RunOptions = {}): Promise<RunResult> {
    return run(this.argv(args), { ...options, env: { ...this.env, ...options.env } });
  }

  /** @throws QpodError with podman's last words when it fails. */
  async callOrFail(args: readonly string[], what: string, options: RunOptions = {}): Promise<string> {
    const result = await this.call(args, options);
    if (result.status === 0) return result.stdout.trim();
    throw new QpodError({ fact: `${what}: ${lastWords(result.stderr).replace(/^Error: /, "")}`, remedy: options.remedy });
  }
}
