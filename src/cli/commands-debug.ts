import type { Command } from "./command.ts";
import { command } from "./common-words.ts";

/** `qpod trace` and `qpod debug`. */
export const debugCommands: readonly Command[] = [
  {
    name: "trace",
    summary: "run a command and show its system calls, signals and programs",
    arguments: [command],
    options: [
      { flags: "--env <name>", description: "this environment instead of the repository's", complete: "environment" },
      { flags: "--root", description: "as root of the environment" },
      { flags: "--host", description: "on the host, in a bound repository too" },
      { flags: "--calls <names>", description: "only these: names, or groups such as %network, %file, %process", repeat: true },
      { flags: "--inject <call=error>", description: "let a call fail, such as connect=ECONNREFUSED; may be repeated", repeat: true },
      { flags: "--functions <names>", description: "library functions instead, by ltrace: names, or * for all", repeat: true },
      { flags: "--descriptors", description: "say what descriptors are: files, addresses" },
      { flags: "--strings <bytes>", description: "so much of each string, instead of 128 bytes" },
      { flags: "--json", description: "one event in JSON on each line, for scripts" },
      { flags: "--chrome <file>", description: "write a Chrome trace, for Perfetto and chrome://tracing", complete: "file" },
      { flags: "--output <file>", description: "write there instead of stderr", complete: "file" },
    ],
    examples: [
      { command: "qpod trace --calls %network -- ./client --once", does: "what it asks of the network" },
      { command: "qpod trace --inject connect=ECONNREFUSED -- ./client", does: "how it takes a refusal" },
    ],
    passThrough: true,
    load: () => import("./cmd-trace.ts"),
  },
  {
    name: "debug",
    summary: "run a script of gdb commands on a program",
    arguments: [
      { notation: "[script]", description: "a file of commands, such as break, run, print; - for stdin", complete: "file" },
      { notation: "[command...]", description: "the program and its arguments", complete: "command" },
    ],
    options: [
      { flags: "--env <name>", description: "this environment instead of the repository's", complete: "environment" },
      { flags: "--root", description: "as root of the environment" },
      { flags: "--host", description: "on the host, in a bound repository too" },
      { flags: "--timeout <seconds>", description: "end all when the program runs for longer without stopping" },
      { flags: "--json", description: "what each line came to, in JSON, for scripts" },
      { flags: "--dap", description: "pass an editor's debug adapter protocol through to gdb, which must be 14 or newer" },
    ],
    examples: [
      { command: "qpod debug lookup.gdb -- ping example.org", does: "carries out the lines of lookup.gdb" },
      { command: "qpod debug --dap", does: "for an editor: gdb of the environment as its debug adapter" },
    ],
    passThrough: true,
    load: () => import("./cmd-debug.ts"),
  },
];
