import { join } from "node:path";
import type { Shell, Surroundings } from "./shell.ts";

/** fish reads its own configuration, then the file that --init-command names. */
export function fish({ layout, folder }: Surroundings): Shell {
  const file = join(folder, "init.fish");
  const init = `contains -- ${quote(layout.shims)} $PATH; or set -gx PATH $PATH ${quote(layout.shims)}
function _qpod_prompt --on-event fish_prompt
  set -gx QPOD_ENVIRONMENT (${quote(layout.launch)} environment 2>/dev/null)
end
`;
  return { files: new Map([[file, init]]), args: ["--init-command", `source ${quote(file)}`], variables: {} };
}

/** fish's single quotes know two escapes. */
function quote(text: string): string {
  return `'${text.replaceAll(/[\\']/g, "\\$&")}'`;
}
