import { QpodError, status } from "../base/errors.ts";
import type { Input } from "./command.ts";
import { bashCompletion } from "./complete-bash.ts";
import { fishCompletion } from "./complete-fish.ts";
import { zshCompletion } from "./complete-zsh.ts";

const makers: Record<string, () => string> = { bash: bashCompletion, zsh: zshCompletion, fish: fishCompletion };

/** Prints a completion script made from the table of commands. */
export async function run({ args, output }: Input): Promise<number> {
  const make = makers[args[0] ?? ""];
  if (!make)
    throw new QpodError({
      fact: `there is no completion for ${args[0]}`,
      remedy: `There is for ${Object.keys(makers).join(", ")}.`,
      status: status.usage,
    });
  output.text(make().trimEnd());
  return 0;
}
