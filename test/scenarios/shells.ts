import type { Workshop } from "../support/workshop.ts";

/** What differs between the shells that people type into. */
export interface TypedShell {
  name: string;
  path: string;
  /** Its start-up file in the home folder, with the tests' prompt and something of the user's own. */
  file: string;
  startup: string;
  /** Started as a terminal window starts it. */
  args: string[];
  status: string;
  /** What `fg` ends with after Ctrl-C; fish takes it for done. */
  interrupted: number;
  /** What the shell says when a job was stopped. */
  stopped: RegExp;
  setVariable(name: string, value: string): string;
}

const aliases = "alias greet='echo good morning'\nMINE=kept\nexport MINE\n";
const set = (name: string, value: string) => `${name}='${value}'; export ${name}`;

export const typedShells: TypedShell[] = [
  {
    name: "bash",
    path: "/bin/bash",
    file: ".bashrc",
    startup: `PS1='{$?}> '\n${aliases}`,
    args: [],
    status: "$?",
    interrupted: 130,
    stopped: /Stopped/,
    setVariable: set,
  },
  {
    name: "zsh",
    path: "/usr/bin/zsh",
    file: ".zshrc",
    startup: `PROMPT='{%?}> '\n${aliases}`,
    args: [],
    status: "$?",
    interrupted: 130,
    stopped: /suspended/,
    setVariable: set,
  },
  {
    name: "fish",
    path: "/usr/bin/fish",
    file: ".config/fish/config.fish",
    startup: `function fish_prompt\n  echo -n "{$status}> "\nend\nset -g fish_greeting\nalias greet 'echo good morning'\nset -gx MINE kept\n`,
    args: [],
    status: "$status",
    interrupted: 0,
    stopped: /has stopped/,
    setVariable: (name, value) => `set -gx ${name} '${value}'`,
  },
  {
    name: "dash",
    path: "/bin/dash",
    file: ".shrc",
    startup: `PS1='{$?}> '\n${aliases}`,
    args: ["-i"],
    status: "$?",
    interrupted: 130,
    stopped: /Stopped/,
    setVariable: set,
  },
];

export function shellNamed(name: string): TypedShell {
  const shell = typedShells.find((one) => one.name === name);
  if (!shell) throw new Error(`no shell is named ${name}`);
  return shell;
}

/** The person's variables with this shell as theirs, and its start-up file written. */
export function moveIn(workshop: Workshop, shell: TypedShell): Record<string, string> {
  const file = workshop.write(`home/${shell.file}`, shell.startup);
  // dash has no file of a fixed name.
  return { ...workshop.env, SHELL: shell.path, ...(shell.name === "dash" ? { ENV: file } : {}) };
}
