import { join } from "node:path";
import { quote } from "../base/text.ts";
import { definePathFunction, type Shell, type Surroundings } from "./shell.ts";

/**
 * zsh reads its start-up files from ZDOTDIR. Ours are read there first, read the user's own from where they are,
 * and put ZDOTDIR back.
 */
export function zsh({ layout, folder, env, home }: Surroundings): Shell {
  const own = join(folder, "zsh");
  const user = env.ZDOTDIR ?? home;
  const restore = env.ZDOTDIR === undefined ? "unset ZDOTDIR" : `export ZDOTDIR=${quote(env.ZDOTDIR)}`;
  // The functions are the first lines, and with options of their own: no alias and no option of the user's changes them.
  const zshenv = `${definePathFunction(layout)}_qpod_prompt() {
  emulate -L zsh
  export QPOD_ENVIRONMENT="$(${quote(layout.launch)} environment 2>/dev/null)"
  _qpod_path
}
_qpod_hook() {
  emulate -L zsh
  _qpod_path
  typeset -ga precmd_functions
  precmd_functions=(_qpod_prompt "\${precmd_functions[@]}")
}
${restore}
[ -f ${quote(join(user, ".zshenv"))} ] && . ${quote(join(user, ".zshenv"))}
_qpod_path
# .zshrc is read by nobody else.
if [[ -o interactive ]]; then
  _qpod_zdotdir=\${ZDOTDIR-${quote(home)}}
  export ZDOTDIR=${quote(own)}
fi
`;
  const zshrc = `${restore}
[[ $_qpod_zdotdir != ${quote(user)} ]] && export ZDOTDIR=$_qpod_zdotdir
[ -f "$_qpod_zdotdir/.zshrc" ] && . "$_qpod_zdotdir/.zshrc"
unset _qpod_zdotdir
_qpod_hook
unfunction _qpod_hook
`;
  return {
    files: new Map([
      [join(own, ".zshenv"), zshenv],
      [join(own, ".zshrc"), zshrc],
    ]),
    args: [],
    variables: { ZDOTDIR: own },
  };
}
