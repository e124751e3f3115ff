import { execFileSync } from "node:child_process";
import { mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { QpodError } from "../../../src/base/errors.ts";
import { currentDirectory, findWorktree } from "../../../src/repo/find.ts";
import { git, makeFolder, makeRepository } from "./git.ts";

describe("a work tree is found", () => {
  test("from any folder below it", () => {
    const root = makeRepository(join(makeFolder(), "a"));
    mkdirSync(join(root, "x/y"), { recursive: true });
    const expected = { root, gitDir: join(root, ".git"), commonDir: join(root, ".git") };
    expect(findWorktree(root)).toEqual(expected);
    expect(findWorktree(join(root, "x/y"))).toEqual(expected);
    expect(findWorktree(join(root, ".git/hooks"))).toEqual(expected);
  });

  test("by the physical path, when a symlink leads to it", () => {
    const folder = makeFolder();
    const root = makeRepository(join(folder, "real/a"));
    symlinkSync("real", join(folder, "link"));
    expect(findWorktree(join(folder, "link/a"))?.root).toBe(root);
  });

  test("when .git is a symlink", () => {
    const folder = makeFolder();
    const root = makeRepository(join(folder, "a"));
    renameSync(join(root, ".git"), join(folder, "store"));
    symlinkSync("../store", join(root, ".git"));
    expect(findWorktree(root)).toEqual({ root, gitDir: join(folder, "store"), commonDir: join(folder, "store") });
  });

  test("that `git worktree` added", () => {
    const folder = makeFolder();
    const main = makeRepository(join(folder, "main"));
    git(main, "worktree", "add", "--quiet", "-b", "release/1", join(folder, "old tree"));
    const root = join(folder, "old tree");
    expect(findWorktree(root)).toEqual({ root, gitDir: join(main, ".git/worktrees/old-tree"), commonDir: join(main, ".git") });
  });

  test("of a bare repository", () => {
    const folder = makeFolder();
    makeRepository(join(folder, "main"));
    git(folder, "clone", "--quiet", "--bare", "main", "store.git");
    git(join(folder, "store.git"), "worktree", "add", "--quiet", join(folder, "tree"), "main");
    expect(findWorktree(join(folder, "tree"))?.commonDir).toBe(join(folder, "store.git"));
    expect(findWorktree(join(folder, "store.git"))).toBeUndefined();
  });

  test("whose git dir is elsewhere", () => {
    const folder = makeFolder();
    const root = join(folder, "tree");
    git(folder, "init", "--quiet", "--separate-git-dir=store", "tree");
    expect(findWorktree(root)).toEqual({ root, gitDir: join(folder, "store"), commonDir: join(folder, "store") });
  });

  test("in a submodule, apart from the one around it", () => {
    const folder = makeFolder();
    makeRepository(join(folder, "lib"));
    const outer = makeRepository(join(folder, "outer"));
    git(outer, "submodule", "--quiet", "add", join(folder, "lib"), "deps/lib");
    const root = join(outer, "deps/lib");
    expect(findWorktree(root)).toEqual({
      root,
      gitDir: join(outer, ".git/modules/deps/lib"),
      commonDir: join(outer, ".git/modules/deps/lib"),
    });
    expect(findWorktree(join(outer, "deps"))?.root).toBe(outer);
  });

  test("innermost first, in repositories inside each other", () => {
    const outer = makeRepository(join(makeFolder(), "outer"));
    const inner = makeRepository(join(outer, "x/inner"));
    expect(findWorktree(inner)?.root).toBe(inner);
  });

  test.each(["with space", "quote'\"", "new\nline", "$(touch x)", "-dash", "caf\u00e9"])("in a folder named %j", (name) => {
    const root = makeRepository(join(makeFolder(), name));
    expect(findWorktree(root)?.root).toBe(root);
  });

  test("past a folder that only bears the name .git", () => {
    const root = makeRepository(join(makeFolder(), "a"));
    mkdirSync(join(root, "x/.git"), { recursive: true });
    expect(findWorktree(join(root, "x"))?.root).toBe(root);
  });
});

test("outside of every repository there is none", () => {
  expect(findWorktree("/")).toBeUndefined();
  expect(findWorktree("/proc/self")).toBeUndefined();
});

test("a work tree in a folder that is not UTF-8 is refused by its bytes, and one around it is not", () => {
  const folder = Buffer.concat([Buffer.from(`${makeFolder()}/caf`), Buffer.from([0xe9])]);
  mkdirSync(folder);
  execFileSync("/bin/sh", ["-c", 'cd "$(printf "$1")" && git init -q', "sh", folder.toString("latin1").replace("\xe9", "\\351")]);
  expect(() => findWorktree(folder)).toThrow(/caf\\xe9: its name is not valid UTF-8/);

  const root = makeRepository(join(makeFolder(), "a"));
  const below = Buffer.concat([Buffer.from(`${root}/`), Buffer.from([0xff])]);
  mkdirSync(below);
  expect(findWorktree(below)?.root).toBe(root);
});

test("the working directory is the kernel's", () => {
  expect(currentDirectory().toString()).toBe(process.cwd());
});

describe("a .git file that cannot be used is an error with its place:", () => {
  const fileWith = (content: string | Buffer) => {
    const folder = makeFolder();
    writeFileSync(join(folder, ".git"), content);
    return folder;
  };
  test.each([
    ["empty", ""],
    ["of another content", "hello\n"],
    ["without a path", "gitdir: \n"],
    ["with a NUL", "gitdir: /tmp\0x\n"],
    ["that points nowhere", "gitdir: /nonexistent/x\n"],
    ["that points to no git dir", "gitdir: /usr\n"],
  ])("%s", (_, content) => {
    const folder = fileWith(content);
    const error = catchError(() => findWorktree(folder));
    expect(error.fact).toContain("not a usable .git file");
    expect(error.place).toEqual({ file: join(folder, ".git") });
  });

  test("the bytes of its target are shown escaped", () => {
    const folder = fileWith("gitdir: /x\x1b[2J\n");
    expect(catchError(() => findWorktree(folder)).fact).toContain("/x\\x1b[2J");
  });

  test("a FIFO is not waited for", () => {
    const folder = makeFolder();
    execFileSync("mkfifo", [join(folder, ".git")]);
    expect(catchError(() => findWorktree(folder)).fact).toBe("this is not an ordinary file");
  });

  test("its repository was moved", () => {
    const folder = makeFolder();
    const main = makeRepository(join(folder, "main"));
    git(main, "worktree", "add", "--quiet", "-b", "b", join(folder, "tree"));
    renameSync(main, join(folder, "moved"));
    expect(catchError(() => findWorktree(join(folder, "tree"))).remedy).toContain("git worktree repair");
  });
});

test("a folder that is gone says so", () => {
  const folder = makeFolder();
  rmSync(folder, { recursive: true });
  expect(catchError(() => findWorktree(folder)).remedy).toContain("moved or deleted");
});

function catchError(action: () => unknown): QpodError {
  try {
    action();
  } catch (error) {
    if (error instanceof QpodError) return error;
    throw error;
  }
  throw new Error("there was no error");
}
