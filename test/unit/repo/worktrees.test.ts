import { mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { listWorktrees } from "../../../src/repo/worktrees.ts";
import { git, makeFolder, makeRepository } from "./git.ts";

const rootsOf = (commonDir: string, roots: string[] = []) => listWorktrees(commonDir, roots).worktrees.map(({ root }) => root);

test("the main work tree comes first, then the linked ones", () => {
  const folder = makeFolder();
  const main = makeRepository(join(folder, "main"));
  for (const name of ["a", "b b", "c\nc"])
    git(main, "worktree", "add", "--quiet", "-b", `branch-${name.charCodeAt(0)}`, join(folder, name));
  expect(rootsOf(join(main, ".git")).sort()).toEqual([join(folder, "a"), join(folder, "b b"), join(folder, "c\nc"), main]);
  expect(rootsOf(join(main, ".git"))[0]).toBe(main);
});

test("work trees that are gone are left out", () => {
  const folder = makeFolder();
  const main = makeRepository(join(folder, "main"));
  git(main, "worktree", "add", "--quiet", "-b", "x", join(folder, "x"));
  rmSync(join(folder, "x"), { recursive: true });
  expect(listWorktrees(join(main, ".git"))).toMatchObject({ worktrees: [{ root: main }], unusable: [] });
});

test("one that git knows by a relative path is found", () => {
  const folder = makeFolder();
  const main = makeRepository(join(folder, "main"));
  git(main, "worktree", "add", "--quiet", "-b", "x", join(folder, "x"));
  writeFileSync(join(main, ".git/worktrees/x/gitdir"), "../../../../x/.git\n");
  writeFileSync(join(folder, "x/.git"), "gitdir: ../main/.git/worktrees/x\n");
  expect(rootsOf(join(main, ".git"))).toEqual([main, join(folder, "x")]);
});

test("a submodule's is found by what git configured", () => {
  const folder = makeFolder();
  makeRepository(join(folder, "lib"));
  const outer = makeRepository(join(folder, "outer"));
  git(outer, "submodule", "--quiet", "add", join(folder, "lib"), "deps/my lib");
  expect(rootsOf(join(outer, ".git/modules/deps/my lib"))).toEqual([join(outer, "deps/my lib")]);
});

test("a bare repository has the linked ones only", () => {
  const folder = makeFolder();
  makeRepository(join(folder, "main"));
  git(folder, "clone", "--quiet", "--bare", "main", "store.git");
  git(join(folder, "store.git"), "worktree", "add", "--quiet", join(folder, "tree"), "main");
  expect(rootsOf(join(folder, "store.git"))).toEqual([join(folder, "tree")]);
});

test("those that git keeps no note of are found where they were seen", () => {
  const folder = makeFolder();
  git(folder, "init", "--quiet", "--separate-git-dir=store", "tree");
  const store = join(folder, "store");
  expect(rootsOf(store)).toEqual([]);
  expect(rootsOf(store, [join(folder, "tree"), join(folder, "gone"), join(folder, "tree")])).toEqual([join(folder, "tree")]);
});

test("a folder where another repository is now is left out", () => {
  const folder = makeFolder();
  const main = makeRepository(join(folder, "main"));
  git(main, "worktree", "add", "--quiet", "-b", "x", join(folder, "x"));
  rmSync(join(folder, "x"), { recursive: true });
  makeRepository(join(folder, "x"));
  expect(rootsOf(join(main, ".git"))).toEqual([main]);
});

test("one that cannot be used is reported, and the others are listed", () => {
  const folder = makeFolder();
  const main = makeRepository(join(folder, "main"));
  git(main, "worktree", "add", "--quiet", "-b", "x", join(folder, "x"));
  writeFileSync(join(folder, "x/.git"), "rubbish");
  const bad = Buffer.concat([Buffer.from(`${folder}/`), Buffer.from([0xff])]);
  git(main, "worktree", "add", "--quiet", "-b", "y", join(folder, "y"));
  renameSync(join(folder, "y"), bad);
  writeFileSync(join(main, ".git/worktrees/y/gitdir"), Buffer.concat([bad, Buffer.from("/.git\n")]));
  const list = listWorktrees(join(main, ".git"));
  expect(list.worktrees.map(({ root }) => root)).toEqual([main]);
  expect(list.unusable.map(({ fact }) => fact).join()).toMatch(/not a usable .git file.*\\xff: its name is not valid UTF-8/);
});

test("a git dir that is gone has none", () => {
  expect(listWorktrees("/nonexistent/.git")).toEqual({ worktrees: [], unusable: [] });
  const folder = makeFolder();
  mkdirSync(join(folder, ".git"));
  expect(rootsOf(join(folder, ".git"))).toEqual([]);
});
