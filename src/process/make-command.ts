import { Command } from "./command.ts";
import { applyOptions, type CommandOptions } from "./options.ts";

/** A command, to be told more and run: `command("git", ["status"]).cwd(folder).run()`. */
export function command(program: string, args: readonly string[] = [], options: CommandOptions = {}): Command<string> {
  const made: Command<string> = new Command(program, args);
  applyOptions(made, options);
  return made;
}
