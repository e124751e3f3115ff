import { mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { formatHead, readHead } from "../../../src/repo/branch.ts";
import { chooseBinding, matchesPattern } from "../../../src/repo/branch-pattern.ts";
import { git, makeFolder, makeRepository } from "./git.ts";

function headOf(content: string | Buffer) {
  const folder = makeFolder();
  writeFileSync(join(folder, "HEAD"), content);
  return readHead(folder);
}

describe("HEAD", () => {
  test("is on a branch, born or not", () => {
    const root = join(makeFolder(), "a");
    mkdirSync(root);
    git(root, "init", "--quiet", "--initial-branch=release/2018.3");
    expect(readHead(join(root, ".git"))).toMatchObject({ kind: "branch", name: "release/2018.3" });
  });

  test("is detached at a commit", () => {
    const root = makeRepository(join(makeFolder(), "a"));
    git(root, "checkout", "--quiet", "--detach");
    const commit = git(root, "rev-parse", "HEAD");
    expect(readHead(join(root, ".git"))).toEqual({ kind: "detached", commit });
    expect(formatHead(readHead(join(root, ".git")))).toBe(`no branch (at ${commit.slice(0, 12)})`);
  });

  test("of a linked work tree is its own", () => {
    const folder = makeFolder();
    const main = makeRepository(join(folder, "main"));
    git(main, "worktree", "add", "--quiet", "-b", "old", join(folder, "tree"));
    expect(formatHead(readHead(join(main, ".git/worktrees/tree")))).toBe("branch old");
  });

  test("may be a symlink, as in very old repositories", () => {
    const root = makeRepository(join(makeFolder(), "a"));
    rmSync(join(root, ".git/HEAD"));
    symlinkSync("refs/heads/main", join(root, ".git/HEAD"));
    expect(formatHead(readHead(join(root, ".git")))).toBe("branch main");
  });

  test("on another ref is no branch", () => {
    expect(headOf("ref: refs/remotes/origin/main\n")).toEqual({ kind: "other", ref: "refs/remotes/origin/main" });
  });

  test("of a repository in the reftable format is unknown", () => {
    expect(headOf("ref: refs/heads/.invalid\n").kind).toBe("unknown");
  });

  test("is shown with control characters and stray bytes escaped", () => {
    expect(formatHead(headOf("ref: refs/heads/a\x1b]0;b\u202ec\n"))).toBe("branch a\\x1b]0;b\\u{202e}c");
    expect(formatHead(headOf(Buffer.from("ref: refs/heads/caf\xe9\n", "latin1")))).toBe("branch caf\\xe9");
  });

  test.each(["", "ref", "0123", "g".repeat(40)])("that says %j is an error", (content) => {
    expect(() => headOf(content)).toThrow("neither a branch nor a commit");
  });
});

describe("a pattern", () => {
  const matches = (pattern: string, branch: string) => matchesPattern(pattern, Buffer.from(branch));
  test.each([
    ["release/2018.*", "release/2018.3", true],
    ["release/2018.*", "release/2018x3", false],
    ["release/*", "release/a/b", false],
    ["release/**", "release/a/b", true],
    ["**/old", "old", true],
    ["**/old", "a/b/old", true],
    ["**/old", "a/bold", false],
    ["a**c", "a/b/c", true],
    ["v?", "v1", true],
    ["v?", "v/", false],
    ["[ab]", "a", false],
    ["[ab]", "[ab]", true],
    ["main", "Main", false],
    ["*\u00e9", "caf\u00e9", true],
  ])("%s on %s: %s", (pattern, branch, expected) => {
    expect(matches(pattern, branch)).toBe(expected);
  });

  test("without a star or a question mark matches itself only", () => {
    const plain = fc.string({ unit: "binary" }).filter((text) => !/[*?]/.test(text));
    fc.assert(fc.property(plain, plain, (a, b) => matches(a, a) && matches(a, b) === Buffer.from(a).equals(Buffer.from(b))));
  });
});

test("the first binding that matches is chosen, and without a branch only that of everything", () => {
  const bindings = [
    { branch: "release/*", environment: "old" },
    { branch: "*", environment: "any" },
    { branch: "", environment: "rest" },
  ];
  const on = (name: string) => chooseBinding(bindings, { kind: "branch", name, bytes: Buffer.from(name) })?.environment;
  expect([on("release/1"), on("main"), on("a/b")]).toEqual(["old", "any", "rest"]);
  expect(chooseBinding(bindings, { kind: "detached", commit: "0" })?.environment).toBe("rest");
  expect(chooseBinding(bindings.slice(0, 2), { kind: "detached", commit: "0" })).toBeUndefined();
});
