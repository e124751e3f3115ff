import { QpodError, status } from "../base/errors.ts";
import type { Command, Input } from "./command.ts";
import { bashCompletion } from "./complete-bash.ts";
import { fishCompletion } from "./complete-fish.ts";
import { zshCompletion } from "./complete-zsh.ts";
import { type CompletionWords, completionWords } from "./completion-words.ts";

const makers: Record<string, (words: CompletionWords) => string> = { bash: bashCompletion, zsh: zshCompletion, fish: fishCompletion };

/** The command that prints a completion script made from this table, in which it is a row itself. */
export function completionOf(table: readonly Command[], groupSummaries: Record<string, string>) {
  return async function run({ args, output }: Input): Promise<number> {
    const make = makers[args[0] ?? ""];
    if (!make)
      throw new QpodError({
        fact: `there is no completion for ${args[0]}`,
        remedy: `There is for ${Object.keys(makers).join(", ")}.`,
        status: status.usage,
      });
    output.text(make(completionWords(table, groupSummaries)).trimEnd());
    return 0;
  };
}
