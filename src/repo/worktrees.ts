import { readdirSync } from "node:fs";
import { QpodError } from "../base/errors.ts";
import { joinBytes, parentBytes, physicalBytes, resolveBytes, trimLineEnd } from "./byte-paths.ts";
import { readWorktree } from "./find.ts";
import { readSmallFile } from "./small-file.ts";
import type { Worktree } from "./worktree.ts";

export interface WorktreeList {
  worktrees: Worktree[];
  /** Work trees that are there but cannot be used, such as one whose path is not UTF-8. */
  unusable: QpodError[];
}

/**
 * Lists the work trees of a repository, the main one first; those that are gone are left out.
 * @param roots folders that were seen to be work trees of it: with `--separate-git-dir` git keeps no note of where
 *   the main one is, and a linked one may have been moved by hand.
 */
export function listWorktrees(commonDir: string, roots: readonly string[] = []): WorktreeList {
  const common = Buffer.from(commonDir);
  const list: WorktreeList = { worktrees: [], unusable: [] };
  const seen = new Set<string>();
  const collect = (action: () => void) => {
    try {
      action();
    } catch (error) {
      // Anything else is a folder that is gone.
      if (error instanceof QpodError) list.unusable.push(error);
    }
  };
  const add = (candidate: Buffer) =>
    collect(() => {
      const worktree = readWorktree(physicalBytes(candidate));
      if (worktree?.commonDir !== commonDir || seen.has(worktree.root)) return;
      seen.add(worktree.root);
      list.worktrees.push(worktree);
    });
  collect(() => mainCandidates(common).forEach(add));
  collect(() => linkedCandidates(common).forEach(add));
  for (const root of roots) add(Buffer.from(root));
  return list;
}

/** The folder around `.git`, and what a submodule's configuration says. */
function mainCandidates(common: Buffer): Buffer[] {
  const configured = readConfiguredWorktree(common);
  return [parentBytes(common), ...(configured ? [resolveBytes(common, configured)] : [])];
}

/** `core.worktree`, as git writes it for submodules. */
function readConfiguredWorktree(common: Buffer): Buffer | undefined {
  let section = "";
  for (const line of (readSmallFile(joinBytes(common, "config"))?.toString("latin1") ?? "").split("\n")) {
    section = /^\s*\[([^\]]*)\]/.exec(line)?.[1]?.trim().toLowerCase() ?? section;
    const value = /^\s*worktree\s*=\s*(.*?)\s*$/i.exec(line)?.[1];
    if (section === "core" && value) return Buffer.from(unquote(value), "latin1");
  }
  return undefined;
}

function unquote(value: string): string {
  const escapes: Record<string, string> = { n: "\n", t: "\t", b: "\b" };
  return value.replaceAll(/\\(.)|"/g, (_, escaped?: string) => (escaped === undefined ? "" : (escapes[escaped] ?? escaped)));
}

/** `worktrees/NAME/gitdir` holds the path of the linked work tree's `.git`, absolute or (newer git) relative. */
function linkedCandidates(common: Buffer): Buffer[] {
  const folder = joinBytes(common, "worktrees");
  let names: Buffer[];
  try {
    names = readdirSync(folder, { encoding: "buffer" }).sort(Buffer.compare);
  } catch {
    return [];
  }
  return names.flatMap((name) => {
    const own = joinBytes(folder, name);
    const target = trimLineEnd(readSmallFile(joinBytes(own, "gitdir")) ?? Buffer.alloc(0));
    return target.length === 0 ? [] : [parentBytes(resolveBytes(own, target))];
  });
}
