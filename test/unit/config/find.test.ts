import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import type { QpodError } from "../../../src/base/errors.ts";
import { findEnvironment, listEnvironments, loadEnvironment } from "../../../src/config/find.ts";
import { parseRepositoryFile } from "../../../src/config/repository-file.ts";
import { makeFolder } from "../repo/git.ts";

function makePaths(files: Record<string, string> = {}) {
  const home = makeFolder();
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(dirname(join(home, file)), { recursive: true });
    writeFileSync(join(home, file), text);
  }
  return { home, config: join(home, ".config/qpod"), systemConfig: join(home, "etc/qpod") };
}

const own = ".config/qpod/environments";

describe("environments are found", () => {
  test("first among the user's own, then in catalogs, then the administrator's", async () => {
    const paths = makePaths({
      [`${own}/a.yaml`]: "image: own",
      [`${own}/notes.txt`]: "",
      [`${own}/.a.yaml`]: "",
      ".config/qpod/catalogs.yaml": "catalogs: [~/team, ../../plain]\n",
      "team/environments/a.yaml": "image: team",
      "team/environments/b.yaml": "image: team",
      "plain/b.yaml": "image: plain",
      "plain/c.yaml": "image: plain",
      "etc/qpod/environments/c.yaml": "image: system",
      "etc/qpod/environments/d.yaml": "image: system",
    });
    const list = await listEnvironments(paths);
    expect(list.map(({ name, kind, hidden }) => [name, kind, hidden.length])).toEqual([
      ["a", "user", 1],
      ["b", "catalog", 1],
      ["c", "catalog", 1],
      ["d", "system", 0],
    ]);
    const images = await Promise.all(list.map(async ({ name }) => (await loadEnvironment(name, paths)).root));
    expect(images).toEqual(["own", "team", "plain", "system"].map((reference) => ({ kind: "image", reference })));
  });

  test("when there are no folders yet, none", async () => {
    expect(await listEnvironments(makePaths())).toEqual([]);
    expect(await findEnvironment("a", makePaths())).toBeUndefined();
  });

  test("although another one has a mistake", async () => {
    const paths = makePaths({ [`${own}/a.yaml`]: "image: x", [`${own}/b.yaml`]: "{" });
    expect((await loadEnvironment("a", paths)).name).toBe("a");
    await expect(loadEnvironment("b", paths)).rejects.toThrow("not valid YAML");
  });

  test("in a repository's allowed file too, but not before the user's own", async () => {
    const paths = makePaths({ [`${own}/a.yaml`]: "image: own", "etc/qpod/environments/b.yaml": "image: system" });
    const { environments } = await parseRepositoryFile(
      "environment: a\nenvironments: {a: {image: repo}, b: {image: repo}}\n",
      "/r/.qpod.yaml",
    );
    expect((await loadEnvironment("a", paths, environments)).root).toMatchObject({ reference: "own" });
    expect((await loadEnvironment("b", paths, environments)).root).toMatchObject({ reference: "repo" });
  });
});

describe("an unknown environment is an error with a remedy", () => {
  const errorOf = async (name: string, files: Record<string, string> = {}) =>
    (await loadEnvironment(name, makePaths(files)).catch((error: unknown) => error)) as QpodError;

  test("that asks whether another was meant", async () => {
    const error = await errorOf("centos", { [`${own}/centos7.yaml`]: "image: x" });
    expect(error.fact).toBe('there is no environment "centos"');
    expect(error.remedy).toBe('Did you mean "centos7"? `qpod env list` shows all.');
  });

  test("that says how to make it", async () => {
    expect((await errorOf("centos7")).remedy).toContain("`qpod env add centos7` makes one");
  });

  test("that knows a file with the wrong ending", async () => {
    expect((await errorOf("a", { [`${own}/a.yml`]: "image: x" })).remedy).toMatch(/a\.yml must be named a\.yaml/);
  });

  test.each(["../../etc/passwd", "a\x1b[2J", ""])("and %j is never looked for as a file", async (name) => {
    const error = await errorOf(name, { [`${own}/a.yaml`]: "image: x" });
    expect(error.message).not.toContain("\x1b");
    expect(error.message).toContain("there is no environment");
  });
});

test("a catalog that is not there is an error with its place", async () => {
  const paths = makePaths({ ".config/qpod/catalogs.yaml": "catalogs:\n  - ~/team\n" });
  const error = (await listEnvironments(paths).catch((error: unknown) => error)) as QpodError;
  expect(error).toMatchObject({ fact: `the catalog ${paths.home}/team is not there`, place: { line: 2, column: 5 } });
});

test("an empty list of catalogs is none", async () => {
  expect(await listEnvironments(makePaths({ ".config/qpod/catalogs.yaml": "# none yet\n" }))).toEqual([]);
  expect(await listEnvironments(makePaths({ ".config/qpod/catalogs.yaml": "catalogs:\n" }))).toEqual([]);
});
