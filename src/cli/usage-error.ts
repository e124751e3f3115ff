import { QpodError, status } from "../base/errors.ts";
import { findClosest, visible } from "../base/text.ts";
import type { Command } from "./command.ts";
import { commands } from "./commands.ts";

/** What the parser did not understand, in our words: which command, what of it, and where its help is. */
export function usageError(error: unknown, words: readonly string[]): QpodError {
  const { code, message = String(error) } = error as { code?: string; message?: string };
  const text = message.replace(/^error: /, "");
  const quoted = /'(.*)'/s.exec(text)?.[1] ?? "";
  const command = findNamed(words);
  if (code === "commander.unknownCommand" || !command) return unknownCommand(words);
  const help = `\`qpod ${command.name} --help\` says what it takes.`;
  switch (code) {
    case "commander.unknownOption": {
      const near = findClosest(quoted, flagsOf(command));
      return refuse(`\`qpod ${command.name}\` has no option ${visible(quoted)}`, near ? `Did you mean ${near}?` : help);
    }
    case "commander.optionMissingArgument":
      return refuse(`\`qpod ${command.name} ${quoted.replace(/^.* (-)/, "$1").replace(/ <.*/, "")}\` needs a value`, help);
    case "commander.missingArgument":
      return refuse(`\`qpod ${command.name}\` needs ${articleFor(quoted)} ${quoted}`, help);
    case "commander.excessArguments": {
      const most = command.arguments?.length ?? 0;
      return refuse(`\`qpod ${command.name}\` takes ${["no argument", "one argument"][most] ?? `${most} arguments`}, not more`, help);
    }
    default:
      return refuse(`\`qpod ${command.name}\`: ${visible(text)}`, help);
  }
}

/** The first words are no command's; in a group it is the second that is not. */
export function unknownCommand(words: readonly string[]): QpodError {
  const visibleNames = commands.filter((one) => !one.hidden).map((one) => one.name);
  const [first = "", second = ""] = words;
  const inGroup = visibleNames.some((name) => name.startsWith(`${first} `));
  const names = inGroup
    ? visibleNames.filter((name) => name.startsWith(`${first} `))
    : visibleNames.map((name) => name.split(" ")[0] ?? "");
  const given = inGroup ? `${first} ${second}` : first;
  const near = inGroup ? findClosestIn(first, second, names) : findClosest(first, names);
  const all = inGroup ? `\`qpod ${first}\` lists its commands.` : "`qpod help` lists the commands, `qpod help COMMAND` says more.";
  return refuse(`there is no command \`qpod ${visible(given)}\``, near ? `Did you mean \`qpod ${near}\`?` : all);
}

function findClosestIn(group: string, word: string, names: readonly string[]): string | undefined {
  const near = findClosest(
    word,
    names.map((name) => name.slice(group.length + 1)),
  );
  return near && `${group} ${near}`;
}

function findNamed(words: readonly string[]): Command | undefined {
  return [2, 1].map((count) => commands.find(({ name }) => name === words.slice(0, count).join(" "))).find(Boolean);
}

function flagsOf({ options = [] }: Command): string[] {
  return [...options.flatMap(({ flags }) => flags.split(/[ ,]+/).filter((word) => word.startsWith("-"))), "--help"];
}

function articleFor(noun: string): string {
  return /^[aeiou]/.test(noun) ? "an" : "a";
}

function refuse(fact: string, remedy: string): QpodError {
  return new QpodError({ fact, remedy, status: status.usage });
}
