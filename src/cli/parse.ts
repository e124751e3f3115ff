import { Command as Parser } from "commander";
import type { Command, Input } from "./command.ts";
import { commands, groupSummaries } from "./commands.ts";
import { unknownCommand, usageError } from "./usage-error.ts";

export interface Parsed {
  command: Command;
  args: Input["args"];
  options: Input["options"];
}

/** What the words on the command line ask for: a command, or only an answer (help, or the version). */
export function parseWords(words: readonly string[], version: string): Parsed | { answer: string } {
  let parsed: Parsed | undefined;
  const program = makeParser((found) => {
    parsed = found;
  });
  if (words[0] === "--version") return { answer: version };
  const asked = helpAskedFor(words);
  if (asked) return { answer: helpOf(program, asked) };
  try {
    program.parse(withDefault(words), { from: "user" });
  } catch (error) {
    if (!(error as { code?: string }).code?.startsWith("commander.help")) throw usageError(error, withDefault(words));
    // Among other words, such as those that the command lacks.
    const group = program.commands.some((one) => one.name() === words[0] && one.commands.length > 0);
    return { answer: helpOf(program, words[0]?.startsWith("-") ? [] : words.slice(0, group ? 2 : 1)) };
  }
  if (!parsed) throw new Error(`nothing came of: ${words.join(" ")}`);
  return parsed;
}

/** The words with the group's own command put in where none of its commands is named. */
function withDefault([first = "", ...rest]: readonly string[]): string[] {
  const group = commands
    .filter((one) => one.name.startsWith(`${first} `))
    .map(({ name, isDefault }) => ({ name: name.slice(first.length + 1), isDefault }));
  const usual = group.find((one) => one.isDefault);
  return usual && !group.some(({ name }) => name === rest[0]) ? [first, usual.name, ...rest] : [first, ...rest];
}

/** Every text that `--help` can print, by the words of the command; the whole's name is "". */
export function listHelp(): Map<string, string> {
  const program = makeParser(() => {});
  const names = commands.map((one) => one.name);
  const groups = names.filter((name) => name.includes(" ")).map((name) => name.split(" ")[0] ?? "");
  return new Map(["", ...new Set(groups), ...names].map((name) => [name, helpOf(program, name === "" ? [] : name.split(" "))]));
}

/** The words of the command whose help is asked for, or undefined. The native program in front asks the same. */
function helpAskedFor(words: readonly string[]): readonly string[] | undefined {
  if (words.length === 0) return [];
  if (words[0] === "help") return words.slice(1);
  const name = words.slice(0, -1).join(" ");
  const isOption = ["--help", "-h"].includes(words.at(-1) ?? "");
  if (isOption && (name === "" || commands.some((one) => one.name === name || one.name.startsWith(`${name} `)))) return words.slice(0, -1);
  return commands.some((one) => one.name.startsWith(`${words.join(" ")} `)) ? words : undefined;
}

function helpOf(program: Parser, words: readonly string[]): string {
  let parser: Parser = program;
  for (const word of words) {
    const found = parser.commands.find((one) => one.name() === word);
    if (!found) throw unknownCommand(words);
    parser = found;
  }
  let text = "";
  parser.configureHelp({ minWidthToWrap: 20 });
  // Of one width, since it is written when qpod is built.
  parser.configureOutput({ writeOut: (part) => (text += part), getOutHelpWidth: () => 80, getOutHasColors: () => false });
  parser.outputHelp();
  return text.replace(/\n$/, "");
}

function makeParser(take: (parsed: Parsed) => void): Parser {
  const program = new Parser("qpod")
    .description("Build and debug old release branches on today's system without noticing.")
    .option("--version", "output the version number")
    .helpCommand("help [command...]", "say more of a command")
    .enablePositionalOptions()
    .exitOverride()
    .showSuggestionAfterError(false)
    .configureOutput({ writeErr() {}, writeOut() {} });
  const groups = new Map<string, Parser>();
  for (const command of commands) {
    const [first = "", second] = command.name.split(" ");
    const parent = second ? group(program, groups, first) : program;
    addCommand(parent, second ?? first, command, take);
  }
  program.addHelpText("after", "\nA session: qpod-shell. Details of a command: qpod help COMMAND.");
  return program;
}

function group(program: Parser, groups: Map<string, Parser>, name: string): Parser {
  const known = groups.get(name);
  if (known) return known;
  const words = commands.flatMap((one) => (one.name.startsWith(`${name} `) && !one.hidden ? one.name.slice(name.length + 1) : []));
  const made = settle(program.command(name).description(`${groupSummaries[name] ?? name}: ${words.join(", ")}`));
  groups.set(name, made);
  return made;
}

function addCommand(parent: Parser, name: string, command: Command, take: (parsed: Parsed) => void): void {
  const made = settle(parent.command(name, { hidden: command.hidden === true }).description(command.summary));
  for (const argument of command.arguments ?? []) made.argument(argument.notation, argument.description);
  for (const option of command.options ?? []) {
    if (option.repeat) made.option(option.flags, option.description, (value: string, all: string[] = []) => [...all, value]);
    else made.option(option.flags, option.description);
  }
  if (command.passThrough) made.passThroughOptions();
  if (command.examples)
    made.addHelpText("after", `\nExamples:\n${command.examples.map((one) => `  ${one.command}\n      ${one.does}`).join("\n")}`);
  made.action(() => take({ command, args: made.args, options: made.opts() }));
}

/** Subcommands do not inherit what was set on the program after they were made. */
function settle(parser: Parser): Parser {
  return parser
    .exitOverride()
    .showSuggestionAfterError(false)
    .configureOutput({ writeErr() {}, writeOut() {} });
}
