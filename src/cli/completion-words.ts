import type { Command, Completion } from "./command.ts";
import { commands } from "./commands.ts";

/** What shells need to know of the table of commands. */
export interface CompletedCommand {
  words: string[];
  summary: string;
  options: { flag: string; description: string; complete: Completion | undefined; takesValue: boolean }[];
  argument: Completion | undefined;
}

export function completedCommands(): CompletedCommand[] {
  return commands.filter((one) => !one.hidden).map(complete);
}

/** First words, each once: `env` stands for its subcommands. */
export function firstWords(): { word: string; summary: string }[] {
  const words = new Map<string, string>();
  for (const { words: [first = "", second], summary } of completedCommands()) if (!words.has(first)) words.set(first, second ? "environments" : summary);
  return [...words].map(([word, summary]) => ({ word, summary }));
}

function complete({ name, summary, options = [], arguments: args = [] }: Command): CompletedCommand {
  return {
    words: name.split(" "),
    summary,
    options: options.map(({ flags, description, complete }) => ({
      flag: flags.split(/[ ,]+/).find((word) => word.startsWith("-")) ?? flags,
      description,
      complete,
      takesValue: flags.includes("<"),
    })),
    argument: args[0]?.complete,
  };
}
