import { join } from "node:path";
import { quote, type Shell, type Surroundings } from "./shell.ts";

/** The user's own .bashrc first; then PATH and a variable for prompt themes. The prompt itself is left alone. */
export function bash({ layout, folder, home }: Surroundings): Shell {
  const file = join(folder, "bashrc");
  const rc = `[ -f ${quote(join(home, ".bashrc"))} ] && . ${quote(join(home, ".bashrc"))}
case ":$PATH:" in *${quote(`:${layout.shims}:`)}*) ;; *) PATH=$PATH${quote(`:${layout.shims}`)} ;; esac
_qpod_prompt() {
  local status=$?
  export QPOD_ENVIRONMENT=$(${quote(layout.launch)} environment 2>/dev/null)
  return $status
}
if [[ "$(declare -p PROMPT_COMMAND 2>/dev/null)" == "declare -a"* ]]; then
  PROMPT_COMMAND=(_qpod_prompt "\${PROMPT_COMMAND[@]}")
else
  PROMPT_COMMAND="_qpod_prompt\${PROMPT_COMMAND:+;$PROMPT_COMMAND}"
fi
`;
  return { files: new Map([[file, rc]]), args: ["--rcfile", file], variables: {} };
}
