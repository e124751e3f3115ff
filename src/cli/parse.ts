import { Command as Parser } from "commander";
import { QpodError, status } from "../base/errors.ts";
import { findClosest } from "../base/text.ts";
import type { Command, Input } from "./command.ts";
import { commands } from "./commands.ts";

export interface Parsed {
  command: Command;
  args: Input["args"];
  options: Input["options"];
}

/** What the words on the command line ask for; help and version are printed by the parser and end here. */
export function parseWords(words: readonly string[], version: string): Parsed | "answered" {
  let parsed: Parsed | undefined;
  const program = makeParser(version, (found) => {
    parsed = found;
  });
  try {
    program.parse(words as string[], { from: "user" });
  } catch (error) {
    return translate(error);
  }
  return parsed ?? "answered";
}

function makeParser(version: string, take: (parsed: Parsed) => void): Parser {
  const program = new Parser("qpod")
    .description("Build and debug old release branches on today's system without noticing.")
    .version(version, "--version")
    .enablePositionalOptions()
    .exitOverride()
    .showSuggestionAfterError(false)
    .configureOutput({ writeErr() {} });
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
  const made = settle(program.command(name).description(`${name === "env" ? "environments" : name}: list, show, add, edit, remove`));
  groups.set(name, made);
  return made;
}

function addCommand(parent: Parser, name: string, command: Command, take: (parsed: Parsed) => void): void {
  const made = settle(parent.command(name, { hidden: command.hidden === true }).description(command.summary));
  for (const argument of command.arguments ?? []) made.argument(argument.notation, argument.description);
  for (const option of command.options ?? []) {
    if (option.repeat) made.option(option.flags, option.description, (value: string, all: string[]) => [...all, value], []);
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
    .configureOutput({ writeErr() {} });
}

function translate(error: unknown): "answered" {
  const { code, message } = error as { code?: string; message?: string };
  if (code === "commander.helpDisplayed" || code === "commander.version" || code === "commander.help") return "answered";
  const text = (message ?? String(error)).replace(/^error: /, "");
  const unknown = /unknown command '(.*)'/.exec(text)?.[1];
  const near =
    unknown &&
    findClosest(
      unknown,
      commands.filter((one) => !one.hidden).flatMap((one) => one.name.split(" ").slice(0, 1)),
    );
  throw new QpodError({
    fact: text,
    remedy: near ? `Did you mean \`qpod ${near}\`?` : "`qpod help` lists the commands, `qpod help COMMAND` says more.",
    status: status.usage,
  });
}
