import { join } from "node:path";
import type { Shell, Surroundings } from "./shell.ts";

/** fish reads its own configuration, then the file that --init-command names. */
export function fish({ layout, folder }: Surroundings): Shell {
  const file = join(folder, "init.fish");
  const shims = quote(layout.shims);
  const init = `function _qpod_path
  test (count $PATH) -gt 0; and test $PATH[-1] = ${shims}; and return
  set -l folders
  for folder in $PATH
    test "$folder" = ${shims}; or set -a folders $folder
  end
  set -gx PATH $folders ${shims}
end
function _qpod_prompt --on-event fish_prompt
  set -gx QPOD_ENVIRONMENT (${quote(layout.launch)} environment 2>/dev/null)
  _qpod_path
end
_qpod_path
`;
  return { files: new Map([[file, init]]), args: ["--init-command", `source ${quote(file)}`], variables: {} };
}

/** fish's single quotes know two escapes. */
function quote(text: string): string {
  return `'${text.replaceAll(/[\\']/g, "\\$&")}'`;
}
