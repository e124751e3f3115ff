import type { Completion } from "./command.ts";
import { type CompletedCommand, completedCommands, firstWords } from "./completion-words.ts";

/** Needs nothing but bash itself. */
export function bashCompletion(): string {
  const all = completedCommands();
  const nested = all.filter(({ words }) => words.length > 1);
  const cases = all.map((one) => `    ${JSON.stringify(one.words.join(" "))}) ${caseOf(one)} ;;`).join("\n");
  return `# qpod completion bash
_qpod_environments() { qpod env list --json 2>/dev/null | grep -o '"name":"[^"]*"' | cut -d'"' -f4; }
_qpod() {
  local word=\${COMP_WORDS[COMP_CWORD]} before=\${COMP_WORDS[COMP_CWORD-1]} command=\${COMP_WORDS[1]} i
  COMPREPLY=()
  if (( COMP_CWORD == 1 )); then
    COMPREPLY=($(compgen -W "${firstWords().map(({ word }) => word).join(" ")} help" -- "$word"))
    return
  fi
  if [[ $command == env ]]; then
    if (( COMP_CWORD == 2 )); then
      COMPREPLY=($(compgen -W "${nested.map(({ words }) => words[1]).join(" ")}" -- "$word"))
      return
    fi
    command="env \${COMP_WORDS[2]}"
  fi
  case "$command" in
${cases}
  esac
}
complete -o default -F _qpod qpod
complete -o default -c qpod-shell
`;
}

function caseOf({ options, argument }: CompletedCommand): string {
  const values = options.filter(({ complete }) => complete).map(({ flag, complete }) => `${flag}) ${answer(complete)}; return ;;`);
  const flags = options.map(({ flag }) => flag).join(" ");
  const parts = [
    values.length > 0 ? `case "$before" in ${values.join(" ")} esac` : "",
    `if [[ $word == -* ]]; then COMPREPLY=($(compgen -W "${flags}" -- "$word")); return; fi`,
    argument ? answer(argument) : "",
  ];
  return parts.filter(Boolean).join("; ");
}

function answer(complete: Completion | undefined): string {
  if (complete === "environment") return 'COMPREPLY=($(compgen -W "$(_qpod_environments)" -- "$word"))';
  if (complete === "folder") return 'COMPREPLY=($(compgen -d -- "$word"))';
  if (complete === "command") return 'COMPREPLY=($(compgen -c -- "$word"))';
  if (complete === undefined || complete === "file") return 'COMPREPLY=($(compgen -f -- "$word"))';
  return `COMPREPLY=($(compgen -W "${complete.words.join(" ")}" -- "$word"))`;
}
