import { join } from "node:path";
import type { Worktree } from "../repo/worktree.ts";

/** What an editor has to know of a work tree's environment. */
export interface Workplace {
  worktree: Worktree;
  environment: string;
  /** The fixed path under which the environment builds, if it has one. */
  path?: string;
  /** The environment's root filesystem, if it is a folder of this system. */
  tree?: string;
  /** Names of the environment's programs. */
  programs: readonly string[];
  /** The folder for what is written: private, and not in the work tree. */
  folder: string;
}

/** Beside git's own files of this work tree: it goes when the work tree goes, and no status shows it. */
export function ideFolder(worktree: Worktree): string {
  return join(worktree.gitDir, "qpod", "ide");
}

/** The newest clangd of the environment; undefined when it has none. */
export function findClangd({ programs }: Workplace): string | undefined {
  if (programs.includes("clangd")) return "clangd";
  const versioned = programs.filter((name) => /^clangd-\d+$/.test(name));
  return versioned.sort((a, b) => Number(a.slice(7)) - Number(b.slice(7))).at(-1);
}
