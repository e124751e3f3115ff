import type { Command } from "./command.ts";
import { debugCommands } from "./commands-debug.ts";
import { environmentCommands } from "./commands-env.ts";
import { labCommands } from "./commands-lab.ts";
import { scratchCommands } from "./commands-scratch.ts";
import { command, environment, json } from "./common-words.ts";

const optionalEnvironment = { ...environment, notation: "[environment]" };

/** What the first word of a command of two words stands for. */
export const groupSummaries: Record<string, string> = { env: "environments", scratch: "changes on trial", lab: "network test labs" };

/** Every command there is. Parser, help, completions and man pages are made from this table. */
export const commands: readonly Command[] = [
  {
    name: "init",
    summary: "bind this repository to an environment",
    arguments: [environment],
    options: [
      { flags: "--branch <pattern>", description: "only for branches that match, such as 'release/2018.*'" },
      { flags: "--shared", description: "write .qpod.yaml into the work tree, for all who clone it" },
    ],
    examples: [
      { command: "qpod init mmsx-2018.3-centos7", does: "binds every branch of the repository" },
      { command: "qpod init old --branch 'release/2018.*'", does: "binds the branches that match" },
    ],
    load: () => import("./cmd-init.ts"),
  },
  { name: "status", summary: "show what this repository is bound to", options: [json], load: () => import("./cmd-status.ts") },
  {
    name: "unbind",
    summary: "take back the bindings of this repository",
    options: [{ flags: "--branch <pattern>", description: "only the binding of this pattern" }],
    load: () => import("./cmd-unbind.ts"),
  },
  ...environmentCommands,
  { name: "allow", summary: "trust the committed .qpod.yaml as it is now", load: () => import("./cmd-allow.ts") },
  { name: "deny", summary: "refuse the committed .qpod.yaml as it is now", load: () => import("./cmd-deny.ts") },
  {
    name: "run",
    summary: "run a command in the environment, without a session",
    arguments: [command],
    options: [
      { flags: "--env <name>", description: "this environment instead of the repository's", complete: "environment" },
      { flags: "--root", description: "as root of the environment, to install packages" },
    ],
    examples: [
      { command: "qpod run make -j8", does: "builds in the repository's environment" },
      { command: "qpod run --root apt-get install gdb", does: "changes this pod's system" },
    ],
    passThrough: true,
    load: () => import("./cmd-run.ts"),
  },
  ...scratchCommands,
  ...labCommands,
  { name: "up", summary: "start this repository's pod now", arguments: [optionalEnvironment], load: () => import("./cmd-up.ts") },
  {
    name: "down",
    summary: "end this repository's pods",
    options: [{ flags: "--all", description: "the pods of all repositories" }],
    load: () => import("./cmd-down.ts"),
  },
  { name: "ps", summary: "show pods and what runs in them", options: [json], load: () => import("./cmd-ps.ts") },
  {
    name: "shell",
    summary: "start a shell in which commands run where they belong (qpod-shell)",
    arguments: [{ notation: "[command...]", description: "a command to run instead of an interactive shell", complete: "command" }],
    options: [{ flags: "-c <text>", description: "a command line for the shell" }],
    passThrough: true,
    load: () => import("./cmd-shell.ts"),
  },
  {
    name: "explain",
    summary: "say where a command would run, and why",
    arguments: [command],
    options: [json],
    passThrough: true,
    load: () => import("./cmd-explain.ts"),
  },
  ...debugCommands,
  {
    name: "doctor",
    summary: "find out what this system allows, and what to do about the rest",
    options: [json],
    load: () => import("./cmd-doctor.ts"),
  },
  {
    name: "login",
    summary: "log in to a registry",
    arguments: [{ notation: "<registry>", description: "host of the registry" }],
    options: [
      { flags: "--username <name>", description: "asked for on a terminal if left out" },
      { flags: "--password-stdin", description: "read the password from stdin" },
    ],
    load: () => import("./cmd-login.ts"),
  },
  {
    name: "gc",
    summary: "remove what nothing refers to",
    options: [
      { flags: "--cache", description: "also the packages that are kept for the next bootstrap" },
      { flags: "--dry-run", description: "only say what would go" },
      json,
    ],
    load: () => import("./cmd-gc.ts"),
  },
  {
    name: "ide",
    summary: "print what an editor needs: clangd, gdb and settings of VS Code",
    options: [{ flags: "--write", description: "write it: beside git's own files, and settings that are not there yet" }, json],
    examples: [{ command: "qpod ide --write", does: "lets VS Code and other editors use the environment's clangd and gdb" }],
    load: () => import("./cmd-ide.ts"),
  },
  { name: "shims", summary: "print the folder of shims, for IDEs and scripts", load: () => import("./cmd-shims.ts") },
  {
    name: "completion",
    summary: "print a shell's completion script",
    arguments: [{ notation: "<shell>", description: "bash, zsh or fish", complete: { words: ["bash", "zsh", "fish"] } }],
    load: async () => ({ run: (await import("./cmd-completion.ts")).completionOf(commands, groupSummaries) }),
  },
  {
    name: "refresh",
    summary: "compile the policy again",
    arguments: [{ notation: "[folder]", description: "a repository to note" }],
    hidden: true,
    load: () => import("./cmd-refresh.ts"),
  },
  {
    name: "start-pod",
    summary: "start a pod for the launcher",
    arguments: [{ notation: "<id>", description: "pod id" }],
    hidden: true,
    load: () => import("./cmd-start-pod.ts"),
  },
];
