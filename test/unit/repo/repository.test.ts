import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import {
  addBinding,
  bindingFilePath,
  findPatternFault,
  isEnvironmentName,
  orderBindings,
  readBindingFile,
  writeBindingFile,
} from "../../../src/repo/binding.ts";
import { findWorktree } from "../../../src/repo/find.ts";
import { readRegistry, registryPath, updateRegistry } from "../../../src/repo/registry.ts";
import {
  allowBindings,
  bindRepository,
  forgetRepository,
  noteRepository,
  readBindings,
  refreshRegistry,
  registerRepository,
  unbindRepository,
} from "../../../src/repo/repository.ts";
import type { Worktree } from "../../../src/repo/worktree.ts";
import { git, makeFolder, makeRepository } from "./git.ts";

function makeBed() {
  const folder = makeFolder();
  const state = join(folder, "state");
  const root = makeRepository(join(folder, "repo"));
  return { folder, state, root, worktree: open(root) };
}

function open(root: string): Worktree {
  const worktree = findWorktree(root);
  if (!worktree) throw new Error("no work tree");
  return worktree;
}

const whole = { environment: "old", branch: "" };
const pattern = { environment: "older", branch: "release/*" };

describe("binding", () => {
  test("is read back, patterns first", async () => {
    const { state, worktree } = makeBed();
    expect(readBindings(worktree.commonDir, state)).toEqual({ state: "unbound" });
    await bindRepository(worktree, state, whole);
    expect(await bindRepository(worktree, state, pattern)).toEqual([pattern, whole]);
    expect(readBindings(worktree.commonDir, state)).toMatchObject({ state: "trusted", bindings: [pattern, whole] });
  });

  test("again replaces the environment and keeps the place", async () => {
    expect(addBinding([pattern, { environment: "a", branch: "x" }, whole], { environment: "new", branch: "release/*" })).toEqual([
      { environment: "new", branch: "release/*" },
      { environment: "a", branch: "x" },
      whole,
    ]);
    expect(orderBindings([whole, pattern])).toEqual([pattern, whole]);
  });

  test("leaves the work tree as it is, and keeps its file to the user", async () => {
    const { state, worktree, root } = makeBed();
    await bindRepository(worktree, state, whole);
    expect(git(root, "status", "--porcelain", "--ignored")).toBe("");
    expect(statSync(bindingFilePath(worktree.commonDir)).mode & 0o777).toBe(0o600);
  });

  test("holds in every work tree, and for a submodule in its own repository", async () => {
    const { folder, state, root } = makeBed();
    git(root, "worktree", "add", "--quiet", "-b", "x", join(folder, "x"));
    await bindRepository(open(join(folder, "x")), state, whole);
    expect(readBindings(open(root).commonDir, state).state).toBe("trusted");
    makeRepository(join(folder, "lib"));
    git(root, "submodule", "--quiet", "add", join(folder, "lib"), "lib");
    expect(readBindings(open(join(root, "lib")).commonDir, state).state).toBe("unbound");
  });

  test("can be taken back, one or all", async () => {
    const { state, worktree } = makeBed();
    expect(await unbindRepository(worktree, state)).toEqual([]);
    expect(existsSync(bindingFilePath(worktree.commonDir))).toBe(false);
    await bindRepository(worktree, state, whole);
    await bindRepository(worktree, state, pattern);
    expect(await unbindRepository(worktree, state, "nothing")).toEqual([]);
    expect(await unbindRepository(worktree, state, "release/*")).toEqual([pattern]);
    expect(await unbindRepository(worktree, state)).toEqual([whole]);
    expect(readBindings(worktree.commonDir, state)).toMatchObject({ state: "trusted", bindings: [] });
  });

  test("of many at once loses none", async () => {
    const { state, worktree, folder } = makeBed();
    const others = Array.from({ length: 5 }, (_, i) => open(makeRepository(join(folder, `r${i}`))));
    await Promise.all([
      ...Array.from({ length: 10 }, (_, i) => bindRepository(worktree, state, { environment: "old", branch: `b${i}` })),
      ...others.map((other) => bindRepository(other, state, whole)),
    ]);
    expect(readBindings(worktree.commonDir, state)).toMatchObject({ state: "trusted", bindings: { length: 10 } });
    expect(readRegistry(state)).toHaveLength(6);
    expect(readdirSync(state)).toEqual(["repositories.json"]);
  });
});

describe("a binding that no branch could ever match", () => {
  test.each(["refs/heads/x", "release/201[0-4]*", "a b"])("such as %s is refused before anything is written", async (branch) => {
    const { state, worktree } = makeBed();
    await expect(bindRepository(worktree, state, { environment: "old", branch })).rejects.toThrow(`the pattern "${branch}" cannot be used`);
    expect([readBindings(worktree.commonDir, state), readRegistry(state)]).toEqual([{ state: "unbound" }, []]);
  });
});

describe("a repository that was bound", () => {
  test("and has lost its bindings is not one without any", async () => {
    const { state, worktree } = makeBed();
    await bindRepository(worktree, state, whole);
    rmSync(bindingFilePath(worktree.commonDir));
    expect(readBindings(worktree.commonDir, state)).toEqual({ state: "lost" });
    await bindRepository(worktree, state, pattern);
    expect(readBindings(worktree.commonDir, state)).toMatchObject({ state: "trusted", bindings: [pattern] });
    rmSync(bindingFilePath(worktree.commonDir));
    await forgetRepository(worktree, state);
    expect(readBindings(worktree.commonDir, state)).toEqual({ state: "unbound" });
  });

  test("has lost nothing where there was nothing, nor where another repository is now", async () => {
    const { folder, state, root, worktree } = makeBed();
    await bindRepository(worktree, state, whole);
    await unbindRepository(worktree, state);
    rmSync(bindingFilePath(worktree.commonDir));
    expect(readBindings(worktree.commonDir, state)).toEqual({ state: "unbound" });
    await bindRepository(worktree, state, whole);
    renameSync(root, join(folder, "moved"));
    await noteRepository(open(join(folder, "moved")), state);
    makeRepository(root);
    expect(readBindings(worktree.commonDir, state)).toEqual({ state: "unbound" });
  });

  test("may be moved", async () => {
    const { folder, state, worktree, root } = makeBed();
    await bindRepository(worktree, state, whole);
    renameSync(root, join(folder, "moved"));
    expect(await refreshRegistry(state)).toEqual([]);
    const moved = open(join(folder, "moved"));
    expect(readBindings(moved.commonDir, state)).toMatchObject({ state: "trusted", bindings: [whole] });
    await noteRepository(moved, state);
    expect(readRegistry(state)).toMatchObject([{ commonDir: moved.commonDir, roots: [moved.root] }]);
    expect(await refreshRegistry(state)).toHaveLength(1);
  });

  test("may be copied, and each copy then changed", async () => {
    const { folder, state, worktree, root } = makeBed();
    await bindRepository(worktree, state, whole);
    cpSync(root, join(folder, "copy"), { recursive: true });
    const copy = open(join(folder, "copy"));
    await noteRepository(copy, state);
    await bindRepository(copy, state, pattern);
    expect(readBindings(worktree.commonDir, state)).toMatchObject({ state: "trusted", bindings: [whole] });
    expect(readBindings(copy.commonDir, state)).toMatchObject({ state: "trusted", bindings: [pattern, whole] });
  });

  test("may be put away for a while with its disk", async () => {
    const { folder, state, worktree, root } = makeBed();
    await bindRepository(worktree, state, whole);
    renameSync(root, join(folder, "away"));
    expect(await refreshRegistry(state, new Date("2026-01-01"))).toEqual([]);
    renameSync(join(folder, "away"), root);
    expect(await refreshRegistry(state, new Date("2026-06-01"))).toMatchObject([{ commonDir: worktree.commonDir }]);
    expect(readRegistry(state)[0]).not.toHaveProperty("goneSince");
  });

  test("and is gone for a year is forgotten", async () => {
    const { state, worktree, root } = makeBed();
    await bindRepository(worktree, state, whole);
    rmSync(root, { recursive: true });
    await refreshRegistry(state, new Date("2026-01-01"));
    await refreshRegistry(state, new Date("2026-12-31"));
    expect(readRegistry(state)).toHaveLength(1);
    await refreshRegistry(state, new Date("2027-01-02"));
    expect(readRegistry(state)).toEqual([]);
  });
});

describe("bindings that came with a repository", () => {
  async function receive() {
    const bed = makeBed();
    await bindRepository(bed.worktree, join(bed.folder, "sender's state"), whole);
    return bed;
  }

  test("do not count until they are allowed", async () => {
    const { state, worktree } = await receive();
    expect(readBindings(worktree.commonDir, state).state).toBe("unknown");
    await noteRepository(worktree, state);
    expect(readBindings(worktree.commonDir, state).state).toBe("unknown");
    expect(await allowBindings(worktree, state)).toEqual([whole]);
    expect(readBindings(worktree.commonDir, state).state).toBe("trusted");
  });

  test("are neither added to nor registered in passing", async () => {
    const { state, worktree } = await receive();
    await expect(bindRepository(worktree, state, pattern)).rejects.toThrow("bindings that you did not make");
    await expect(registerRepository(worktree, state)).rejects.toThrow("bindings that you did not make");
    expect(existsSync(registryPath(state))).toBe(false);
  });

  test("count no more once they have changed", async () => {
    const { state, worktree } = await receive();
    await allowBindings(worktree, state);
    const { id } = readBindingFile(worktree.commonDir) ?? { id: "" };
    writeBindingFile(worktree.commonDir, id, [{ environment: "evil", branch: "" }]);
    expect(readBindings(worktree.commonDir, state).state).toBe("changed");
  });

  test("with an id of their own in a place that is known count as changed", async () => {
    const { state, worktree } = makeBed();
    await bindRepository(worktree, state, whole);
    writeBindingFile(worktree.commonDir, "0".repeat(32), [whole]);
    expect(readBindings(worktree.commonDir, state).state).toBe("changed");
  });

  test("cannot have files written elsewhere by a symlink", async () => {
    const { folder, state, worktree } = makeBed();
    mkdirSync(join(folder, "elsewhere"));
    symlinkSync(join(folder, "elsewhere"), join(worktree.commonDir, "qpod"));
    await expect(bindRepository(worktree, state, whole)).rejects.toThrow("this is not a folder");
    expect(readdirSync(join(folder, "elsewhere"))).toEqual([]);
  });

  test.each([
    ["not JSON", "{"],
    ["null", "null"],
    ["without a version", "{}"],
    ["without an id", '{"version":1,"bindings":[]}'],
    ["with a strange environment", `{"version":1,"id":"${"a".repeat(32)}","bindings":[{"environment":"../x","branch":""}]}`],
    ["with a strange pattern", `{"version":1,"id":"${"a".repeat(32)}","bindings":[{"environment":"x","branch":"a\\u001bb"}]}`],
  ])("and are %s are an error with their place", (_, text) => {
    const { state, worktree } = makeBed();
    mkdirSync(join(worktree.commonDir, "qpod"));
    writeFileSync(bindingFilePath(worktree.commonDir), text);
    expect(() => readBindings(worktree.commonDir, state)).toThrow("bindings are damaged");
  });

  test("and are a newer qpod's are an error that says so", () => {
    const { state, worktree } = makeBed();
    mkdirSync(join(worktree.commonDir, "qpod"));
    writeFileSync(bindingFilePath(worktree.commonDir), '{"version":2}');
    expect(() => readBindings(worktree.commonDir, state)).toThrow("newer qpod");
  });
});

describe("the list of bound repositories", () => {
  test.each(["", "{", "[]", '{"version":1,"content":[{"id":1}]}', "\0\0\0"])(
    "that is damaged (%j) is an error, and a copy is kept",
    (text) => {
      const { state, worktree } = makeBed();
      mkdirSync(state);
      writeFileSync(registryPath(state), text);
      writeBindingFile(worktree.commonDir, "0".repeat(32), [whole]);
      expect(() => readBindings(worktree.commonDir, state)).toThrow("the list of bound repositories is damaged");
      expect(() => readRegistry(state)).toThrow("is damaged");
      const copies = readdirSync(state).filter((name) => name.includes(".damaged-"));
      expect(copies.map((name) => readFileSync(join(state, name), "utf8"))).toEqual([text]);
      expect(readFileSync(registryPath(state), "utf8")).toBe(text);
    },
  );

  test("that a newer qpod wrote is left alone", async () => {
    const { state, worktree } = makeBed();
    mkdirSync(state);
    writeFileSync(registryPath(state), '{"version":2,"content":{}}');
    await expect(bindRepository(worktree, state, whole)).rejects.toThrow("newer qpod");
    expect(readdirSync(state)).toEqual(["repositories.json"]);
  });

  test("is not written when nothing changes", async () => {
    const { state, worktree } = makeBed();
    await bindRepository(worktree, state, whole);
    const before = statSync(registryPath(state)).ino;
    await noteRepository(worktree, state);
    await refreshRegistry(state);
    await updateRegistry(state, (list) => ({ list, result: undefined }));
    expect(statSync(registryPath(state)).ino).toBe(before);
  });

  test.skipIf(process.getuid?.() === 0)("that cannot be written is an error (which root never sees)", async () => {
    const { state, worktree } = makeBed();
    mkdirSync(state);
    chmodSync(state, 0o500);
    await expect(bindRepository(worktree, state, whole)).rejects.toThrow("cannot make the lock: EACCES");
  });
});

test.each([
  ["mmsx-2018.3-centos7", true],
  ["a", true],
  ["", false],
  [".hidden", false],
  ["a/b", false],
  ["a b", false],
  ["a\n", false],
  ["x".repeat(101), false],
])("an environment can be named %j: %s", (name, expected) => {
  expect(isEnvironmentName(name)).toBe(expected);
});

test.each(["refs/heads/main", "a b", "a\x1bb", "a^", "x".repeat(1001)])("%j is no pattern", (text) => {
  expect(findPatternFault(text)).toBeDefined();
});
