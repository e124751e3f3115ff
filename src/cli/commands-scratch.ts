import type { Command } from "./command.ts";
import { command, json } from "./common-words.ts";

const scratchFolder = {
  notation: "[folder]",
  description: "the folder it was made for, instead of this repository",
  complete: "folder",
} as const;

/** `qpod scratch …`. */
export const scratchCommands: readonly Command[] = [
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
];
