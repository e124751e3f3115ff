import type { Command } from "./command.ts";

const json = { flags: "--json", description: "answer in JSON, for scripts" };
const environment = {
  notation: "<environment>",
  description: "name of an environment (`qpod env list`)",
  complete: "environment",
} as const;
const optionalEnvironment = { ...environment, notation: "[environment]" };
const scratchFolder = {
  notation: "[folder]",
  description: "the folder it was made for, instead of this repository",
  complete: "folder",
} as const;
const host = { notation: "<host>", description: "its name in the lab" } as const;
const lab = { flags: "--lab <name>", description: "which lab, when several are up" } as const;
const command = { notation: "<command...>", description: "the command and its arguments", complete: "command" } as const;

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
  { name: "env list", summary: "list the environments", options: [json], load: () => import("./cmd-env-list.ts") },
  {
    name: "env show",
    summary: "show an environment as it is understood",
    arguments: [environment],
    options: [json],
    load: () => import("./cmd-env-show.ts"),
  },
  {
    name: "env add",
    summary: "define an environment",
    arguments: [{ notation: "<name>", description: "name of the new environment" }],
    options: [
      { flags: "--image <reference>", description: "root: an image in a registry" },
      { flags: "--archive <file>", description: "root: an OCI or docker archive, or a root tarball", complete: "file" },
      { flags: "--rootfs <folder>", description: "root: a folder with a root filesystem", complete: "folder" },
      { flags: "--bootstrap <release>", description: "root: a distribution's release, such as bullseye" },
      { flags: "--package <name>", description: "a package of the bootstrapped release; may be repeated", repeat: true },
      { flags: "--containerfile <file>", description: "root: built from a Containerfile", complete: "file" },
      { flags: "--host", description: "root: this system's own, copy-on-write" },
      {
        flags: "--engine <name>",
        description: "embedded, podman or docker, instead of letting qpod choose",
        complete: { words: ["docker", "embedded", "podman"] },
      },
    ],
    examples: [
      { command: "qpod env add mmsx-2018.3-centos7 --image registry.example.com/mmsx:2018.3", does: "from a registry" },
      { command: "qpod env add bullseye --bootstrap bullseye --package build-essential --package gdb", does: "from Debian's packages" },
    ],
    load: () => import("./cmd-env-add.ts"),
  },
  {
    name: "env edit",
    summary: "edit an environment's file and check it",
    arguments: [environment],
    load: () => import("./cmd-env-edit.ts"),
  },
  {
    name: "env update",
    summary: "fetch an environment's image anew, or bootstrap it anew",
    arguments: [environment],
    options: [json],
    examples: [{ command: "qpod env update mmsx-2018.3-centos7", does: "takes what the image's tag names today" }],
    load: () => import("./cmd-env-update.ts"),
  },
  {
    name: "env remove",
    summary: "remove an environment of yours",
    arguments: [environment],
    options: [{ flags: "--force", description: "even if repositories are bound to it" }],
    load: () => import("./cmd-env-remove.ts"),
  },
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
  {
    name: "scratch run",
    summary: "run a command whose changes to the repository can be looked at, kept or dropped",
    isDefault: true,
    arguments: [command],
    options: [
      { flags: "--folder <folder>", description: "this folder instead of the repository", complete: "folder" },
      { flags: "--system", description: "the whole root filesystem" },
      {
        flags: "--way <way>",
        description: "overlay, copy, proot or chroot, instead of letting qpod choose",
        complete: { words: ["overlay", "copy", "proot", "chroot"] },
      },
    ],
    examples: [
      { command: "qpod scratch -- make clean all", does: "builds, in the environment if make belongs there; the work tree stays as it is" },
      { command: "qpod scratch diff", does: "shows what it changed; `qpod scratch keep` applies it, `qpod scratch drop` forgets it" },
    ],
    passThrough: true,
    load: () => import("./cmd-scratch-run.ts"),
  },
  {
    name: "scratch diff",
    summary: "show what a scratch changed",
    arguments: [scratchFolder],
    options: [{ flags: "--stat", description: "only which files" }, json],
    load: () => import("./cmd-scratch-diff.ts"),
  },
  {
    name: "scratch keep",
    summary: "apply what a scratch changed to the real folder, unless that was changed meanwhile",
    arguments: [scratchFolder],
    load: () => import("./cmd-scratch-keep.ts"),
  },
  {
    name: "scratch drop",
    summary: "forget what a scratch changed",
    arguments: [scratchFolder],
    load: () => import("./cmd-scratch-drop.ts"),
  },
  { name: "scratch list", summary: "list the scratches", options: [json], load: () => import("./cmd-scratch-list.ts") },
  {
    name: "lab up",
    summary: "make a network of hosts from its file; it stays until it is taken down",
    arguments: [{ notation: "<file>", description: "the topology, in YAML", complete: "file" }],
    options: [{ flags: "--name <name>", description: "what the lab is called; as its file if left out" }],
    examples: [
      { command: "qpod lab up office.yaml", does: "makes its hosts, switches and links" },
      { command: "qpod lab run client ping -c1 server", does: "runs a command in a host" },
      { command: "qpod lab down", does: "ends all of it" },
    ],
    load: () => import("./cmd-lab-up.ts"),
  },
  {
    name: "lab run",
    summary: "run a command in a host of a lab",
    arguments: [host, command],
    options: [lab],
    passThrough: true,
    load: () => import("./cmd-lab-run.ts"),
  },
  {
    name: "lab shell",
    summary: "start a shell in a host of a lab",
    arguments: [host],
    options: [lab],
    load: () => import("./cmd-lab-shell.ts"),
  },
  { name: "lab ps", summary: "show labs and what runs in them", options: [json], load: () => import("./cmd-lab-ps.ts") },
  {
    name: "lab down",
    summary: "end a lab and all that runs in it",
    arguments: [{ notation: "[lab...]", description: "its name, or several; not needed when only one is up" }],
    options: [{ flags: "--all", description: "all labs" }],
    load: () => import("./cmd-lab-down.ts"),
  },
  {
    name: "lab graph",
    summary: "draw a lab",
    arguments: [{ notation: "[file]", description: "its topology; the lab that is up if left out", complete: "file" }],
    options: [{ flags: "--svg", description: "as an SVG file instead of text" }, lab],
    load: () => import("./cmd-lab-graph.ts"),
  },
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
