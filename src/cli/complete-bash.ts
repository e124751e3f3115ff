import type { Completion } from "./command.ts";
import type { CompletedCommand, CompletedGroup, CompletionWords } from "./completion-words.ts";

/** Needs nothing but bash itself; with the bash-completion package, commands after `qpod run` complete as ever. */
export function bashCompletion({ commands, first, groups }: CompletionWords): string {
  const shell = commands.find(({ words }) => words[0] === "shell");
  return `# qpod completion bash
# Names are those of files, which bash reads sooner than qpod starts; only catalogs are elsewhere.
_qpod_environments() {
  local config=$HOME/.config file
  [[ \${XDG_CONFIG_HOME-} == /* ]] && config=$XDG_CONFIG_HOME
  if [[ -e $config/qpod/catalogs.yaml ]]; then
    qpod env list --json 2>/dev/null | grep -o '"name":"[^"]*"' | cut -d'"' -f4
  else
    { compgen -G "$config/qpod/environments/*.yaml"; compgen -G "/etc/qpod/environments/*.yaml"; } | while IFS= read -r file; do
      file=\${file##*/}
      echo "\${file%.yaml}"
    done
  fi
}
_qpod_words() { local IFS=$'\\n'; COMPREPLY=($(IFS=$' \\t\\n'; compgen -W "$1" -- "$word")); }
_qpod_offer() {
  case "$1" in
    environment) _qpod_words "$(_qpod_environments)" ;;
    file) compopt -o default ;;
    folder) compopt -o dirnames ;;
    command) local IFS=$'\\n'; COMPREPLY=($(compgen -c -- "$word")); compopt -o filenames ;;
    words:*) _qpod_words "\${1#words:}" ;;
  esac
}
# $1: the word that the command's own words begin at; $flags, $values and $argument say what it takes.
_qpod_complete() {
  local word=\${COMP_WORDS[COMP_CWORD]} before=\${COMP_WORDS[COMP_CWORD-1]} i given= value
  # \`--engine=pod\` is three words.
  if [[ $before == = ]]; then before=\${COMP_WORDS[COMP_CWORD-2]}; elif [[ $word == = ]]; then word=; fi
  for (( i = $1; i < COMP_CWORD; i++ )); do
    case "\${COMP_WORDS[i]}" in
      =) (( i++ )) ;;
      -*) [[ $'\\n'$values == *$'\\n'"\${COMP_WORDS[i]}="* && \${COMP_WORDS[i+1]} != = ]] && (( i++ )) ;;
      *) given=$i; break ;;
    esac
  done
  if [[ -n $given && $argument == command ]]; then
    if declare -F _comp_command_offset >/dev/null; then _comp_command_offset "$given"
    elif declare -F _command_offset >/dev/null; then _command_offset "$given"
    else compopt -o default; fi
    return
  fi
  while IFS= read -r value; do
    if [[ -n $value && $before == "\${value%%=*}" ]]; then _qpod_offer "\${value#*=}"; return; fi
  done <<<"$values"
  if [[ $word == -* ]]; then _qpod_words "$flags"; elif [[ -z $given ]]; then _qpod_offer "$argument"; fi
}
_qpod() {
  local word=\${COMP_WORDS[COMP_CWORD]} command=\${COMP_WORDS[1]} own=2 flags= values= argument=
  COMPREPLY=()
  if (( COMP_CWORD == 1 )); then _qpod_words "${first.map(({ word }) => word).join(" ")} --help --version"; return; fi
  case "$command" in
${groups.map(bashGroup).join("\n")}
  esac
  case "$command" in
${commands.map((one) => `    ${JSON.stringify(one.words.join(" "))}) ${assignments(one)} ;;`).join("\n")}
    *) return ;;
  esac
  _qpod_complete "$own"
}
_qpod_shell() {
  local ${shell ? assignments(shell) : ""}
  COMPREPLY=()
  _qpod_complete 1
}
complete -F _qpod qpod
complete -F _qpod_shell qpod-shell
`;
}

/** What is none of a group's own words belongs to the command that it stands for. */
function bashGroup({ name, commands, usual }: CompletedGroup): string {
  const words = commands.map((one) => one.words[1]).join(" ");
  const other = usual ? `case " ${words} " in *" \${COMP_WORDS[2]} "*) ;; *) command="${usual.words.join(" ")}" own=2 ;; esac;` : "";
  const first = usual ? `[[ "\${COMP_WORDS[2]}" != -* ]]` : "true";
  return `    ${name}) if (( COMP_CWORD == 2 )) && ${first}; then _qpod_words "${words}"; return; fi
      command="${name} \${COMP_WORDS[2]}" own=3; ${other} ;;`;
}

function assignments({ options, argument }: CompletedCommand): string {
  const flags = options.map(({ flag }) => flag).join(" ");
  const values = options.filter(({ takesValue }) => takesValue).map(({ flag, complete }) => `${flag}=${kind(complete)}\\n`);
  return `flags="${flags}" values=$'${values.join("")}' argument="${kind(argument)}"`;
}

function kind(complete: Completion | undefined): string {
  return typeof complete === "object" ? `words:${complete.words.join(" ")}` : (complete ?? "");
}
