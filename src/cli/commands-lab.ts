import type { Command } from "./command.ts";
import { command, json } from "./common-words.ts";

const host = { notation: "<host>", description: "its name in the lab" } as const;
const lab = { flags: "--lab <name>", description: "which lab, when several are up" } as const;

/** `qpod lab …`. */
export const labCommands: readonly Command[] = [
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
];
