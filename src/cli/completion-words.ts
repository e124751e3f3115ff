import type { Command, Completion } from "./command.ts";
import { commands, groupSummaries } from "./commands.ts";

/** What shells need to know of the table of commands. */
export interface CompletedCommand {
  words: string[];
  summary: string;
  options: { flag: string; description: string; complete: Completion | undefined; takesValue: boolean }[];
  takesArgument: boolean;
  /** Of the first argument; "command" is followed by that command's own words. */
  argument: Completion | undefined;
}

const helpOption = { flag: "--help", description: "say what the command does", complete: undefined, takesValue: false };

export function completedCommands(): CompletedCommand[] {
  const all = commands.filter((one) => !one.hidden).map(complete);
  const words = [...new Set(all.map((one) => one.words[0] ?? ""))];
  return [...all, { words: ["help"], summary: "say what a command does", options: [], takesArgument: true, argument: { words } }];
}

/** First words, each once: `env` stands for its subcommands. */
export function firstWords(): { word: string; summary: string }[] {
  const words = new Map<string, string>();
  for (const {
    words: [first = "", second],
    summary,
  } of completedCommands())
    if (!words.has(first)) words.set(first, second ? (groupSummaries[first] ?? first) : summary);
  return [...words].map(([word, summary]) => ({ word, summary }));
}

/** The commands of each first word that stands for several; `usual`: what it does when none of them is named. */
export function groups(): { name: string; commands: CompletedCommand[]; usual: CompletedCommand | undefined }[] {
  const nested = completedCommands().filter(({ words }) => words.length > 1);
  const names = [...new Set(nested.map(({ words }) => words[0] ?? ""))];
  return names.map((name) => {
    const usual = commands.find((one) => one.isDefault && one.name.startsWith(`${name} `))?.name;
    const own = nested.filter(({ words }) => words[0] === name);
    return { name, commands: own, usual: own.find(({ words }) => words.join(" ") === usual) };
  });
}

function complete({ name, summary, options = [], arguments: args = [] }: Command): CompletedCommand {
  const own = options.map(({ flags, description, complete }) => ({
    flag: flags.split(/[ ,]+/).find((word) => word.startsWith("-")) ?? flags,
    description,
    complete,
    takesValue: flags.includes("<"),
  }));
  return { words: name.split(" "), summary, options: [...own, helpOption], takesArgument: args.length > 0, argument: args[0]?.complete };
}
