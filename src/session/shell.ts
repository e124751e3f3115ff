import { quote } from "../base/text.ts";
import type { RuntimeLayout } from "../launch/layout.ts";

/** What differs between shells: how one is started interactively so that its own start-up files are read as always. */
export interface Shell {
  /** Files to write before it starts, by path. */
  files: Map<string, string>;
  /** Words after the shell's own path. */
  args: string[];
  variables: Record<string, string>;
}

export interface Surroundings {
  layout: RuntimeLayout;
  /** Private folder for start-up files; sessions whose surroundings differ have different ones. */
  folder: string;
  env: NodeJS.ProcessEnv;
  home: string;
}

/**
 * A function that puts the folder of shims last on PATH, where the user's start-up files may not have left it: the
 * host's own programs are found first. Defined before those files are read, so that no alias of theirs gets into it.
 */
export function definePathFunction({ shims }: RuntimeLayout): string {
  const between = quote(`:${shims}:`);
  return `_qpod_path() {
  case :\${PATH-} in *${quote(`:${shims}`)}) return ;; esac
  _qpod_left=:\${PATH-}:
  while :; do
    case $_qpod_left in
      *${between}*) _qpod_left=\${_qpod_left%%${between}*}:\${_qpod_left#*${between}} ;;
      *) break ;;
    esac
  done
  _qpod_left=\${_qpod_left#:}
  PATH=\${_qpod_left%:}${quote(`:${shims}`)}
  unset _qpod_left
}
`;
}
