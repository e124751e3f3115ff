import { join } from "node:path";
import { quote, type Shell, type Surroundings } from "./shell.ts";

/**
 * zsh reads its start-up files from ZDOTDIR. Ours are read there first, read the user's own from where they are,
 * and put ZDOTDIR back.
 */
export function zsh({ layout, folder, env, home }: Surroundings): Shell {
  const own = join(folder, "zsh");
  const user = env.ZDOTDIR ?? home;
  const restore = env.ZDOTDIR === undefined ? "unset ZDOTDIR" : `export ZDOTDIR=${quote(env.ZDOTDIR)}`;
  const zshenv = `${restore}
[ -f ${quote(join(user, ".zshenv"))} ] && . ${quote(join(user, ".zshenv"))}
_qpod_zdotdir=\${ZDOTDIR-${quote(home)}}
export ZDOTDIR=${quote(own)}
`;
  const zshrc = `${restore}
[[ $_qpod_zdotdir != ${quote(user)} ]] && export ZDOTDIR=$_qpod_zdotdir
[ -f "$_qpod_zdotdir/.zshrc" ] && . "$_qpod_zdotdir/.zshrc"
unset _qpod_zdotdir
case ":$PATH:" in *${quote(`:${layout.shims}:`)}*) ;; *) PATH=$PATH${quote(`:${layout.shims}`)} ;; esac
_qpod_prompt() { export QPOD_ENVIRONMENT=$(${quote(layout.launch)} environment 2>/dev/null) }
precmd_functions=(_qpod_prompt $precmd_functions)
`;
  return {
    files: new Map([
      [join(own, ".zshenv"), zshenv],
      [join(own, ".zshrc"), zshrc],
    ]),
    args: ["-i"],
    variables: { ZDOTDIR: own },
  };
}
