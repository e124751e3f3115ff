import { didYouMean } from "../base/text.ts";
import type { Command } from "./command.ts";
import type { Enterable, Limits, Way } from "./settings.ts";
import type { Input, OutputTo } from "./tell/descriptors.ts";

/** The methods of a command that are asked for most, as an object; each does what the method of its name does. */
export interface CommandOptions {
  cwd?: string;
  env?: Record<string, string | undefined>;
  /** False: only what `env` sets. */
  extendEnv?: boolean;
  input?: string | Uint8Array;
  stdin?: Input;
  stdout?: OutputTo;
  stderr?: OutputTo;
  /** stderr goes where stdout goes. */
  joinOutput?: boolean;
  umask?: number;
  uid?: number | string;
  gid?: number | string;
  groups?: "none" | "init" | readonly number[];
  limits?: Limits;
  nice?: number;
  oomScore?: number;
  /** Milliseconds. */
  timeout?: number;
  killSignal?: NodeJS.Signals;
  signal?: AbortSignal;
  way?: Way;
  in?: Enterable;
}

type Setters = { [Name in keyof CommandOptions]-?: (command: Command, value: NonNullable<CommandOptions[Name]>) => unknown };

const setters: Setters = {
  cwd: (command, value) => command.cwd(value),
  extendEnv: (command, value) => value || command.envNone(),
  env: (command, value) => command.env(value),
  input: (command, value) => command.input(value),
  stdin: (command, value) => command.stdin(value),
  stdout: (command, value) => command.stdout(value),
  stderr: (command, value) => command.stderr(value),
  joinOutput: (command, value) => value && command.joinOutput(),
  umask: (command, value) => command.umask(value),
  uid: (command, value) => command.uid(value),
  gid: (command, value) => command.gid(value),
  groups: (command, value) => command.groups(value),
  limits: (command, value) => command.limit(value),
  nice: (command, value) => command.nice(value),
  oomScore: (command, value) => command.oomScore(value),
  timeout: (command, value) => command.timeout(value),
  killSignal: (command, value) => command.killBy(value),
  signal: (command, value) => command.abortBy(value),
  way: (command, value) => command.way(value),
  in: (command, value) => command.in(value),
};

/** In the table's order, since `extendEnv` must come before `env`. */
export function applyOptions(command: Command, options: CommandOptions): void {
  for (const name of Object.keys(options)) {
    if (!(name in setters))
      command.mistaken(`there is no option ${JSON.stringify(name)}. ${didYouMean(name, Object.keys(setters)) ?? ""}`.trim());
  }
  for (const [name, set] of Object.entries(setters)) {
    const value = options[name as keyof CommandOptions];
    if (value !== undefined) (set as (command: Command, value: unknown) => void)(command, value);
  }
}
