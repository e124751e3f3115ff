import type { Completion } from "./command.ts";
import type { CompletedCommand, CompletedGroup, CompletionWords } from "./completion-words.ts";

export function zshCompletion({ commands, first, groups }: CompletionWords): string {
  const describe = (rows: { word: string; summary: string }[]) => rows.map(({ word, summary }) => quote(`${word}:${summary}`)).join(" ");
  const shell = commands.find(({ words }) => words[0] === "shell");
  return `#compdef qpod qpod-shell
# qpod completion zsh
_qpod_environments() {
  # Names are those of files, which zsh reads sooner than qpod starts; only catalogs are elsewhere.
  local config=$HOME/.config
  [[ \${XDG_CONFIG_HOME-} == /* ]] && config=$XDG_CONFIG_HOME
  local -a names=($config/qpod/environments/*.yaml(N:t:r) /etc/qpod/environments/*.yaml(N:t:r))
  [[ -e $config/qpod/catalogs.yaml ]] && names=(\${(f)"$(qpod env list --json 2>/dev/null | grep -o '"name":"[^"]*"' | cut -d'"' -f4)"})
  compadd -- $names
}
_qpod() {
  if [[ $service == qpod-shell ]]; then _arguments ${shell ? specifications(shell) : ""}; return; fi
  # Not $commands: that is where zsh finds programs.
  local command=$words[2]
  local -a first=(${describe(first)}) nested
  if (( CURRENT == 2 )); then
    if [[ $words[2] == -* ]]; then compadd -- --help --version; else _describe command first; fi
    return
  fi
  case $command in
${groups.map((group) => zshGroup(group, describe)).join("\n")}
  esac
  shift words; (( CURRENT-- ))
  case $command in
${commands.map((one) => `    ${quote(one.words.join(" "))}) _arguments ${specifications(one)} ;;`).join("\n")}
  esac
}
if [[ $funcstack[1] == _qpod ]]; then _qpod "$@"; else compdef _qpod qpod qpod-shell; fi
`;
}

type Describe = (rows: { word: string; summary: string }[]) => string;

/** What is none of a group's own words belongs to the command that it stands for. */
function zshGroup({ name, commands, usual }: CompletedGroup, describe: Describe): string {
  const rows = commands.map(({ words, summary }) => ({ word: words[1] ?? "", summary }));
  const named = `command="${name} $words[3]"; shift words; (( CURRENT-- ))`;
  const take = usual
    ? `if [[ " ${rows.map(({ word }) => word).join(" ")} " == *" $words[3] "* ]]; then ${named}; else command=${quote(usual.words.join(" "))}; fi`
    : named;
  return `    ${name}) nested=(${describe(rows)})
      if (( CURRENT == 3 ))${usual ? " && [[ $words[3] != -* ]]" : ""}; then _describe command nested; return; fi
      ${take} ;;`;
}

function specifications({ options, argument, takesArgument }: CompletedCommand): string {
  const flags = options.map(({ flag, description, complete, takesValue }) => {
    // _arguments takes `--name=value` too when it is told so.
    const name = takesValue && flag.startsWith("--") ? `${flag}=` : flag;
    return quote(`${name}[${description.replaceAll(/[[\]:]/g, "\\$&")}]${takesValue ? `:value:${action(complete)}` : ""}`);
  });
  // Where nothing is known of an argument it is said that there may be one: else no option completes after it.
  const rest = argument === "command" ? [quote("(-)*::command:_normal")] : takesArgument ? [quote(`1:argument:${action(argument)}`)] : [];
  return [...flags, ...rest].join(" ");
}

function action(complete: Completion | undefined): string {
  if (complete === "environment") return "_qpod_environments";
  if (complete === "folder") return "_directories";
  if (complete === "file") return "_files";
  if (complete === "command") return "_command_names";
  return complete ? `(${complete.words.join(" ")})` : " ";
}

function quote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
