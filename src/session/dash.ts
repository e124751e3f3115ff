import { join } from "node:path";
import { quote } from "../base/text.ts";
import { definePathFunction, type Shell, type Surroundings } from "./shell.ts";

/**
 * dash and other POSIX shells read the file that ENV names when they are interactive. They have no prompt hook, and a
 * variable that does not follow would lie: there is no QPOD_ENVIRONMENT here.
 */
export function dash({ layout, folder, env }: Surroundings): Shell {
  const file = join(folder, "env.sh");
  // The shell expands the value, as in '$HOME/.shrc'.
  const user = env.ENV
    ? `ENV=${quote(env.ENV)}\neval "_qpod_file=\\"$ENV\\""\n[ -f "$_qpod_file" ] && . "$_qpod_file"\nunset _qpod_file`
    : "unset ENV";
  const rc = `unset QPOD_ENVIRONMENT
${definePathFunction(layout)}${user}
_qpod_path
unset -f _qpod_path
`;
  return { files: new Map([[file, rc]]), args: [], variables: { ENV: file } };
}
