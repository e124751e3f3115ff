import { join } from "node:path";
import { quote, type Shell, type Surroundings } from "./shell.ts";

/** dash and other POSIX shells read the file that ENV names when they are interactive; there is no prompt hook. */
export function dash({ layout, folder, env }: Surroundings): Shell {
  const file = join(folder, "env.sh");
  const user = env.ENV;
  const rc = `${user ? `ENV=${quote(user)}; [ -f "$ENV" ] && . "$ENV"` : "unset ENV"}
case ":$PATH:" in *${quote(`:${layout.shims}:`)}*) ;; *) PATH=$PATH${quote(`:${layout.shims}`)} ;; esac
QPOD_ENVIRONMENT=$(${quote(layout.launch)} environment 2>/dev/null) && export QPOD_ENVIRONMENT
`;
  return { files: new Map([[file, rc]]), args: ["-i"], variables: { ENV: file } };
}
