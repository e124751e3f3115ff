import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { findBindings } from "../../../src/config/bound.ts";
import { ConfigError } from "../../../src/config/config-error.ts";
import { judgeRepositoryFile, parseRepositoryFile } from "../../../src/config/repository-file.ts";
import { shareBinding } from "../../../src/config/share-binding.ts";
import { hashContent, judgeFile, setTrust } from "../../../src/config/trust.ts";
import { findWorktree } from "../../../src/repo/find.ts";
import { bindRepository } from "../../../src/repo/repository.ts";
import { makeFolder, makeRepository } from "../repo/git.ts";

const whole = { environment: "old", branch: "" };

function makeBed(text?: string) {
  const folder = makeFolder();
  const root = makeRepository(join(folder, "repo"));
  const path = join(root, ".qpod.yaml");
  if (text !== undefined) writeFileSync(path, text);
  const worktree = findWorktree(root);
  if (!worktree) throw new Error("no work tree");
  return { root, path, worktree, state: join(folder, "state"), home: folder };
}

const allow = ({ path, state }: { path: string; state: string }) => setTrust(state, path, hashContent(readFileSync(path)), "allowed");

async function mistakesOf(text: string): Promise<string[]> {
  const error = await parseRepositoryFile(text, "/r/.qpod.yaml").catch((error: unknown) => error);
  return error instanceof ConfigError ? error.mistakes.map(({ fact, place }) => `${place.line}:${place.column} ${fact}`) : [];
}

describe("a .qpod.yaml", () => {
  test("binds branches, and brings definitions with paths from its folder", async () => {
    const text = `
environment: new
bindings:
  - branch: release/2018.*
    environment: old
environments:
  old:
    archive: tools/old.tar
`;
    const file = await parseRepositoryFile(text, "/r/.qpod.yaml");
    expect(file.bindings).toEqual([
      { branch: "release/2018.*", environment: "old" },
      { branch: "", environment: "new" },
    ]);
    expect(file.environments.get("old")).toMatchObject({
      root: { kind: "archive", file: "/r/tools/old.tar" },
      place: { file: "/r/.qpod.yaml", line: 7, column: 3 },
    });
  });

  test.each([
    ["environments: {}\n", ["1:1 the file binds the repository to no environment"]],
    ["enviroment: a\nenvironment: b\n", ['1:1 "enviroment" is not known here']],
    ["environment: ../a\n", ["1:14 this is not an environment's name"]],
    ["bindings: [{branch: x}]\n", ['1:12 "environment" is missing']],
    [
      "bindings: [{branch: refs/heads/x, environment: a}]\n",
      ['1:21 the pattern "refs/heads/x" cannot be used: it is matched with the branch\'s name, which is without "refs/heads/"'],
    ],
    ["bindings: [{branch: x, environment: a}, {branch: x, environment: b}]\n", ['1:50 "x" is bound twice']],
    ["environment: a\nbindings: [{environment: b}]\n", ["2:12 all other branches are bound twice"]],
    [
      "environment: a\nenvironments: {a: {comands: []}}\n",
      ["2:19 the environment has no root filesystem", '2:20 "comands" is not known in "a"'],
    ],
    ["environment: a\nenvironments: {'a/b': {image: x}}\n", ["2:16 this is not an environment's name"]],
  ])("with a mistake says where: %j", async (text, mistakes) => {
    expect(await mistakesOf(text)).toEqual(mistakes);
  });
});

describe("a file that came with a repository", () => {
  test("counts only with content that was allowed", async () => {
    const bed = makeBed("environment: old\n");
    expect(judgeRepositoryFile(bed.root, bed.state)?.trust).toBe("unknown");
    expect(await findBindings(bed.worktree, bed)).toMatchObject({ bindings: [], ignored: [{ file: bed.path, trust: "unknown" }] });
    expect(existsSync(bed.state)).toBe(false);
    await allow(bed);
    expect(await findBindings(bed.worktree, bed)).toMatchObject({ bindings: [{ ...whole, file: bed.path }], ignored: [] });
    writeFileSync(bed.path, "environment: evil\n");
    expect(await findBindings(bed.worktree, bed)).toMatchObject({ bindings: [], ignored: [{ trust: "changed" }] });
  });

  test("is allowed for each content of its branches", async () => {
    const bed = makeBed("environment: old\n");
    await allow(bed);
    writeFileSync(bed.path, "environment: older\n");
    await allow(bed);
    writeFileSync(bed.path, "environment: old\n");
    expect(judgeRepositoryFile(bed.root, bed.state)?.trust).toBe("allowed");
  });

  test("stays denied, whatever it becomes, until it is allowed", async () => {
    const bed = makeBed("environment: old\n");
    await allow(bed);
    await setTrust(bed.state, bed.path, "x", "denied");
    expect(judgeRepositoryFile(bed.root, bed.state)?.trust).toBe("denied");
    writeFileSync(bed.path, "environment: other\n");
    expect(judgeRepositoryFile(bed.root, bed.state)?.trust).toBe("denied");
    await allow(bed);
    expect(judgeRepositoryFile(bed.root, bed.state)?.trust).toBe("allowed");
  });

  test("is allowed at its own path only", async () => {
    const bed = makeBed("environment: old\n");
    await allow(bed);
    expect(judgeFile(bed.state, "/elsewhere/.qpod.yaml", hashContent(readFileSync(bed.path)))).toBe("unknown");
  });

  test("with a mistake is not passed over once it is allowed", async () => {
    const bed = makeBed("environment: [\n");
    expect((await findBindings(bed.worktree, bed)).bindings).toEqual([]);
    await allow(bed);
    await expect(findBindings(bed.worktree, bed)).rejects.toThrow("not valid YAML");
  });

  test("comes after what the user bound", async () => {
    const bed = makeBed("environment: theirs\n");
    await allow(bed);
    await bindRepository(bed.worktree, bed.state, { environment: "mine", branch: "release/*" });
    expect((await findBindings(bed.worktree, bed)).bindings.map(({ environment }) => environment)).toEqual(["mine", "theirs"]);
  });
});

describe("sharing a binding", () => {
  test("writes a file that counts for its author", async () => {
    const bed = makeBed();
    expect(await shareBinding(bed.root, bed.state, whole)).toBe(bed.path);
    expect(readFileSync(bed.path, "utf8")).toMatch(/^# .*qpod allow.*\n\n?environment: old\n$/);
    expect((await findBindings(bed.worktree, bed)).bindings).toMatchObject([whole]);
  });

  test("changes one that is there and keeps its comments", async () => {
    const bed = makeBed("# ours\nenvironment: a # all\nbindings:\n  - {branch: x, environment: b} # one\nenvironments:\n  a: {image: i}\n");
    await allow(bed);
    await shareBinding(bed.root, bed.state, { branch: "x", environment: "c" });
    await shareBinding(bed.root, bed.state, { branch: "y", environment: "d" });
    const text = readFileSync(bed.path, "utf8");
    for (const comment of ["# ours", "# all", "# one"]) expect(text).toContain(comment);
    const { bindings, environments } = await findBindings(bed.worktree, bed);
    expect(bindings.map(({ branch, environment }) => `${branch}=${environment}`)).toEqual(["x=c", "y=d", "=a"]);
    expect([...environments.keys()]).toEqual(["a"]);
  });

  test("does not vouch for a file that was not allowed", async () => {
    const bed = makeBed("environment: theirs\n");
    await expect(shareBinding(bed.root, bed.state, whole)).rejects.toThrow("does not count until you allow it");
    expect(readFileSync(bed.path, "utf8")).toBe("environment: theirs\n");
  });
});

test.each(['{"version":1,"content":[]}', '{"version":1,"content":{"x":{}}}', "{"])(
  "a damaged list of allowed files (%j) is an error",
  (text) => {
    const bed = makeBed("environment: old\n");
    mkdirSync(bed.state);
    writeFileSync(join(bed.state, "trust.json"), text);
    expect(() => judgeRepositoryFile(bed.root, bed.state)).toThrow("the list of allowed files is damaged");
  },
);
