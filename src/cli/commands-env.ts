import type { Command } from "./command.ts";
import { environment, json } from "./common-words.ts";

/** `qpod env …`. */
export const environmentCommands: readonly Command[] = [
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
];
