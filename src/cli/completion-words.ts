import type { Command, Completion } from "./command.ts";

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

/** Words of the command line as shells complete them. */
export interface CompletionWords {
  commands: CompletedCommand[];
  /** Each once: `env` stands for its subcommands. */
  first: { word: string; summary: string }[];
  groups: CompletedGroup[];
}

/** The commands of a first word that stands for several. */
export interface CompletedGroup {
  name: string;
  commands: CompletedCommand[];
  /** What it does when none of them is named. */
  usual: CompletedCommand | undefined;
}

export function completionWords(table: readonly Command[], groupSummaries: Record<string, string>): CompletionWords {
  const all = table.filter((one) => !one.hidden).map(complete);
  const words = [...new Set(all.map((one) => one.words[0] ?? ""))];
  const help = { words: ["help"], summary: "say what a command does", options: [], takesArgument: true, argument: { words } };
  const commands = [...all, help];
  return { commands, first: firstWords(commands, groupSummaries), groups: groups(commands, table) };
}

function firstWords(commands: readonly CompletedCommand[], groupSummaries: Record<string, string>): CompletionWords["first"] {
  const words = new Map<string, string>();
  for (const {
    words: [first = "", second],
    summary,
  } of commands)
    if (!words.has(first)) words.set(first, second ? (groupSummaries[first] ?? first) : summary);
  return [...words].map(([word, summary]) => ({ word, summary }));
}

function groups(commands: readonly CompletedCommand[], table: readonly Command[]): CompletedGroup[] {
  const nested = commands.filter(({ words }) => words.length > 1);
  const names = [...new Set(nested.map(({ words }) => words[0] ?? ""))];
  return names.map((name) => {
    const usual = table.find((one) => one.isDefault && one.name.startsWith(`${name} `))?.name;
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
