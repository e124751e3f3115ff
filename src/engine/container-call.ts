import { QpodError } from "../base/errors.ts";
import { lastWords, type RunOptions, type RunResult, run } from "../process/run.ts";

/** podman or docker, as it is to be called on this host. */
export class ContainerTool {
  readonly name: "podman" | "docker";
  readonly env: Record<string, string | undefined>;
  readonly #words: [string, ...string[]];

  /** @param words the program and the options before every subcommand. */
  constructor(name: "podman" | "docker", words: [string, ...string[]], env: Record<string, string | undefined> = process.env) {
    this.name = name;
    this.#words = words;
    this.env = env;
  }

  /** argv of a subcommand. */
  argv(args: readonly string[]): [string, ...string[]] {
    return [...this.#words, ...args];
  }

  /** Runs a subcommand; an exit status other than 0 is a result. */
  call(args: readonly string[], options: RunOptions = {}): Promise<RunResult> {
    return run(this.argv(args), { ...options, env: { ...this.env, ...options.env } });
  }

  /** @throws QpodError with the tool's last words when it fails. */
  async callOrFail(args: readonly string[], what: string, options: RunOptions = {}): Promise<string> {
    const result = await this.call(args, options);
    if (result.status === 0) return result.stdout.trim();
    throw new QpodError({
      fact: `${what}: ${sayError(result.stderr) || `it ended with status ${result.status}, without a word`}`,
      remedy: options.remedy,
    });
  }
}

/** What a tool said last, without the words that say that it is an error. */
export function sayError(stderr: string): string {
  // docker's client ends with where its help is.
  const said = stderr.replace(/\n*(See|Run) 'docker .*\s*$/, "");
  return lastWords(said).replace(/^(Error: |docker: |Error response from daemon: )+/, "");
}
