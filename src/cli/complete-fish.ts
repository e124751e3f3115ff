import type { Completion } from "./command.ts";
import { completedCommands, firstWords } from "./completion-words.ts";

export function fishCompletion(): string {
  const lines = ["# qpod completion fish", "complete -c qpod -f"];
  for (const { word, summary } of firstWords()) lines.push(`complete -c qpod -n __fish_use_subcommand -a ${word} -d ${quote(summary)}`);
  for (const { words, summary, options, argument } of completedCommands()) {
    const [first = "", second] = words;
    const condition = second ? `__fish_seen_subcommand_from ${first}; and __fish_seen_subcommand_from ${second}` : `__fish_seen_subcommand_from ${first}`;
    if (second) lines.push(`complete -c qpod -n '__fish_seen_subcommand_from ${first}; and test (count (commandline -opc)) -eq 2' -a ${second} -d ${quote(summary)}`);
    for (const { flag, description, complete, takesValue } of options) {
      const name = flag.startsWith("--") ? `-l ${flag.slice(2)}` : `-s ${flag.slice(1)}`;
      lines.push(`complete -c qpod -n ${quote(condition)} ${name} -d ${quote(description)}${takesValue ? ` -r ${values(complete)}` : ""}`.trimEnd());
    }
    if (argument) lines.push(`complete -c qpod -n ${quote(condition)} ${values(argument)}`);
  }
  return `${lines.join("\n")}\n`;
}

function values(complete: Completion | undefined): string {
  if (complete === "environment") return `-a '(qpod env list --json 2>/dev/null | string match -ra \\'(?<="name":")[^"]*\\')'`;
  if (complete === "folder") return "-a '(__fish_complete_directories)'";
  if (complete === "file") return "-F";
  if (complete === "command") return "-a '(__fish_complete_subcommand)'";
  return complete ? `-a ${quote(complete.words.join(" "))}` : "";
}

function quote(text: string): string {
  return `'${text.replaceAll(/[\\']/g, "\\$&")}'`;
}
