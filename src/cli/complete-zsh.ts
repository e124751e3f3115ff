import type { Completion } from "./command.ts";
import { completedCommands, firstWords } from "./completion-words.ts";

export function zshCompletion(): string {
  const all = completedCommands();
  const describe = (rows: { word: string; summary: string }[]) => rows.map(({ word, summary }) => quote(`${word}:${summary}`)).join(" ");
  const nested = all.filter(({ words }) => words.length > 1).map(({ words, summary }) => ({ word: words[1] ?? "", summary }));
  const cases = all.map(({ words, options, argument }) => {
    const flags = options.map(({ flag, description, complete, takesValue }) => quote(`${flag}[${description.replaceAll(/[[\]:]/g, "\\$&")}]${takesValue ? `:value:${action(complete)}` : ""}`));
    const rest = argument === "command" ? ["'(-)*::command:_normal'"] : argument ? [quote(`1:argument:${action(argument)}`)] : [];
    return `    ${quote(words.join(" "))}) _arguments ${[...flags, ...rest].join(" ")} ;;`;
  });
  return `#compdef qpod
# qpod completion zsh
_qpod_environments() {
  local -a names=(\${(f)"$(qpod env list --json 2>/dev/null | grep -o '"name":"[^"]*"' | cut -d'"' -f4)"})
  compadd -- $names
}
_qpod() {
  local command=$words[2]
  local -a commands=(${describe(firstWords())}) nested=(${describe(nested)})
  if (( CURRENT == 2 )); then _describe command commands; return; fi
  if [[ $command == env ]]; then
    if (( CURRENT == 3 )); then _describe command nested; return; fi
    command="env $words[3]"; shift words; (( CURRENT-- ))
  fi
  shift words; (( CURRENT-- ))
  case $command in
${cases.join("\n")}
  esac
}
if [[ $funcstack[1] == _qpod ]]; then _qpod "$@"; else compdef _qpod qpod; fi
`;
}

function action(complete: Completion | undefined): string {
  if (complete === "environment") return "_qpod_environments";
  if (complete === "folder") return "_directories";
  if (complete === "file") return "_files";
  if (complete === "command") return "_command_names";
  return complete ? `(${complete.words.join(" ")})` : "";
}

function quote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
