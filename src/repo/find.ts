import { readlinkSync, statSync } from "node:fs";
import { errnoOf, QpodError } from "../base/errors.ts";
import { visibleBytes } from "../base/text.ts";
import { decodePath, joinBytes, parentBytes, physicalBytes, resolveBytes, trimLineEnd } from "./byte-paths.ts";
import { readSmallFile } from "./small-file.ts";
import type { Worktree } from "./worktree.ts";

/** The working directory as the kernel knows it; `process.cwd()` would change bytes that are not UTF-8. */
export function currentDirectory(): Buffer {
  try {
    return readlinkSync("/proc/self/cwd", { encoding: "buffer" });
  } catch (error) {
    if (errnoOf(error) !== "ENAMETOOLONG") throw error;
    throw new QpodError({
      fact: "the path of the working directory is longer than the kernel lets programs see",
      remedy: "Go to one whose path has fewer than 4096 bytes.",
      cause: error,
    });
  }
}

/**
 * Finds the innermost git work tree that holds a folder.
 * @throws QpodError when a `.git` file on the way is malformed or points nowhere: git stops there too.
 */
export function findWorktree(start: string | Uint8Array = currentDirectory()): Worktree | undefined {
  for (let folder = openFolder(start); ; folder = parentBytes(folder)) {
    const found = readWorktree(folder);
    if (found) return found;
    if (folder.length <= 1) return undefined;
  }
}

/** The work tree whose top is this folder (a physical path), if it is one. */
export function readWorktree(root: Uint8Array): Worktree | undefined {
  const dotGit = joinBytes(root, ".git");
  const kind = kindOf(dotGit);
  if (kind === undefined) return undefined;
  const gitDir = kind === "folder" ? physicalBytes(dotGit) : followGitFile(root, dotGit);
  const commonDir = findCommonDir(gitDir);
  if (!looksLikeGitDir(gitDir, commonDir)) {
    // git passes over a folder that only bears the name, and so do we; a file that leads to none is a mistake.
    if (kind === "folder") return undefined;
    throw brokenGitFile(dotGit, `${visibleBytes(gitDir)} is not a git directory`);
  }
  return { root: decodePath(root), gitDir: decodePath(gitDir), commonDir: decodePath(commonDir) };
}

function openFolder(start: string | Uint8Array): Buffer {
  try {
    return physicalBytes(start);
  } catch (error) {
    const code = errnoOf(error);
    throw new QpodError({
      fact: `cannot open the folder ${visibleBytes(Buffer.from(start))}: ${code ?? error}`,
      remedy: code === "ENOENT" ? "It was moved or deleted; go to one that exists." : undefined,
      cause: error,
    });
  }
}

function kindOf(path: Buffer): "file" | "folder" | undefined {
  try {
    return statSync(path).isDirectory() ? "folder" : "file";
  } catch (error) {
    const code = errnoOf(error);
    // A dangling symlink named .git is no repository to git either.
    if (code === "ENOENT" || code === "ENOTDIR" || code === "ELOOP") return undefined;
    throw new QpodError({ fact: `cannot look at it: ${code ?? error}`, place: { file: visibleBytes(path) }, cause: error });
  }
}

/** `gitdir: PATH`, as `git worktree`, submodules and `--separate-git-dir` leave it in place of a folder. */
function followGitFile(root: Uint8Array, file: Buffer): Buffer {
  const content = readSmallFile(file) ?? Buffer.alloc(0);
  const prefix = Buffer.from("gitdir: ");
  const target = trimLineEnd(content.subarray(prefix.length));
  if (!content.subarray(0, prefix.length).equals(prefix) || target.length === 0 || target.includes(0)) {
    throw brokenGitFile(file, 'it does not say "gitdir: PATH"');
  }
  try {
    return physicalBytes(resolveBytes(root, target));
  } catch (error) {
    throw brokenGitFile(file, `it points to ${visibleBytes(target)}, which cannot be opened: ${errnoOf(error) ?? error}`);
  }
}

function brokenGitFile(file: Buffer, why: string): QpodError {
  return new QpodError({
    fact: `this is not a usable .git file: ${why}`,
    place: { file: visibleBytes(file) },
    remedy: "If the repository was moved, `git worktree repair` (run in the main work tree) or `git submodule update --init` mends it.",
  });
}

function findCommonDir(gitDir: Buffer): Buffer {
  const content = readSmallFile(joinBytes(gitDir, "commondir"));
  if (content === undefined) return gitDir;
  const file = joinBytes(gitDir, "commondir");
  const target = trimLineEnd(content);
  try {
    if (target.length === 0 || target.includes(0)) throw new Error("it is empty or damaged");
    return physicalBytes(resolveBytes(gitDir, target));
  } catch (error) {
    throw new QpodError({
      fact: `the git directory's commondir leads nowhere: ${errnoOf(error) ?? (error as Error).message}`,
      place: { file: visibleBytes(file) },
      remedy: "If the main repository was moved, `git worktree repair` (run there) mends it.",
      cause: error,
    });
  }
}

/** git's own test: a HEAD, objects and refs. */
function looksLikeGitDir(gitDir: Buffer, commonDir: Buffer): boolean {
  const isFolder = (name: string) => kindOf(joinBytes(commonDir, name)) === "folder";
  return hasHead(gitDir) && isFolder("objects") && isFolder("refs");
}

function hasHead(gitDir: Buffer): boolean {
  try {
    // In very old repositories HEAD is a symlink, dangling while the branch is packed or unborn.
    readlinkSync(joinBytes(gitDir, "HEAD"));
    return true;
  } catch (error) {
    return errnoOf(error) === "EINVAL";
  }
}
