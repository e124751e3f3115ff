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
  /** Private folder for start-up files. */
  folder: string;
  env: NodeJS.ProcessEnv;
  home: string;
}

/** A word that a POSIX shell reads back as it is. */
export function quote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
