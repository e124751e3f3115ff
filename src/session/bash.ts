import { join } from "node:path";
import { quote } from "../base/text.ts";
import { definePathFunction, type Shell, type Surroundings } from "./shell.ts";

/**
 * The user's own .bashrc first; then PATH, and a variable for prompt themes that follows the folder and its branch. The
 * prompt itself is left alone. The hook comes before the user's own, which may read the variable, and leaves $? to them.
 */
export function bash({ layout, folder, home }: Surroundings): Shell {
  const file = join(folder, "bashrc");
  const user = quote(join(home, ".bashrc"));
  const rc = `${definePathFunction(layout)}_qpod_prompt() {
  local status=$?
  export QPOD_ENVIRONMENT=$(${quote(layout.launch)} environment 2>/dev/null)
  _qpod_path
  return $status
}
_qpod_hook() {
  local declared=$(declare -p PROMPT_COMMAND 2>/dev/null)
  case "\${declared%% PROMPT_COMMAND*} \${PROMPT_COMMAND-}" in
    *_qpod_prompt*) ;;
    "declare -a"*) PROMPT_COMMAND=(_qpod_prompt "\${PROMPT_COMMAND[@]}") ;;
    *) PROMPT_COMMAND="_qpod_prompt\${PROMPT_COMMAND:+;$PROMPT_COMMAND}" ;;
  esac
  # A bash that is started in this one gets the variable: then it needs the functions too.
  case "\${declared%% PROMPT_COMMAND*}" in *-*x*) export -f _qpod_prompt _qpod_path ;; esac
}
[ -f ${user} ] && . ${user}
_qpod_path
_qpod_hook
unset -f _qpod_hook
`;
  return { files: new Map([[file, rc]]), args: ["--rcfile", file], variables: {} };
}
