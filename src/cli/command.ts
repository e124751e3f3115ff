import type { Paths } from "../base/paths.ts";
import type { Output } from "./output.ts";

/** One command of the table in commands.ts, from which parser, help, completions and man pages are made. */
export interface Command {
  /** Words as typed: `status`, `env list`. */
  name: string;
  summary: string;
  /** Positional arguments in commander's notation: `<name>`, `[branch]`, `[command...]`. */
  arguments?: { notation: string; description: string; complete?: Completion }[];
  options?: { flags: string; description: string; complete?: Completion; repeat?: boolean }[];
  examples?: { command: string; does: string }[];
  /** What follows belongs to another command: options after the first word are left alone. */
  passThrough?: boolean;
  /** What a group does when none of its commands is named: `qpod scratch -- make` is `qpod scratch run -- make`. */
  isDefault?: boolean;
  /** For the launcher, not for people. */
  hidden?: boolean;
  load(): Promise<{ run: (input: Input) => Promise<number> }>;
}

/** What a shell completes an argument with. */
export type Completion = "environment" | "file" | "folder" | "command" | { words: readonly string[] };

export interface Input {
  args: string[];
  /** By camel-cased long name; repeated options are lists. */
  options: Record<string, string | boolean | string[] | undefined>;
  paths: Paths;
  output: Output;
}
