import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Root } from "../../../src/config/environment.ts";
import { loadEnvironment } from "../../../src/config/find.ts";
import { parseEnvironment } from "../../../src/config/read.ts";
import { addEnvironment, formatEnvironment, requireOwnEnvironment } from "../../../src/config/write.ts";
import { makeFolder } from "../repo/git.ts";

function makePaths() {
  const home = makeFolder();
  return { home, config: join(home, "config"), systemConfig: join(home, "etc") };
}

const image: Root = { kind: "image", reference: "registry.example.com/mmsx:2018.3" };

describe("a new environment", () => {
  test("is written so that people can read it, and read back as it was asked for", async () => {
    const paths = makePaths();
    const file = await addEnvironment("mmsx", { root: image, engine: "podman", description: "Line 2018: centos" }, paths);
    expect(file).toBe(join(paths.config, "environments/mmsx.yaml"));
    expect(readFileSync(file, "utf8")).toMatch(/^# yaml-language-server: \$schema=\/.*\/schema\/environment\.schema\.json\n/);
    expect(await loadEnvironment("mmsx", paths)).toMatchObject({
      root: image,
      engine: "podman",
      description: "Line 2018: centos",
      commands: [],
      defaultCommands: true,
    });
  });

  const path = fc
    .string({ unit: "grapheme", minLength: 1 })
    .filter((text) => !/[\p{Cc}]/u.test(text))
    .map((text) => join("/", text, "x"));
  const word = fc.stringMatching(/^[a-z0-9][a-z0-9.+:=~-]{0,20}$/);
  const root: fc.Arbitrary<Root> = fc.oneof(
    fc.record({ kind: fc.constant("image" as const), reference: word }),
    fc.record({ kind: fc.constant("archive" as const), file: path }),
    fc.record({ kind: fc.constant("rootfs" as const), folder: path }),
    fc.record({ kind: fc.constant("containerfile" as const), file: path, context: path }),
    fc.record(
      {
        kind: fc.constant("bootstrap" as const),
        distribution: word,
        release: word,
        packages: fc.array(word),
        components: fc.array(word),
        mirror: fc.webUrl(),
        archive: fc.webUrl(),
        keyring: path,
      },
      { requiredKeys: ["kind", "distribution", "release", "packages", "components"] },
    ),
    fc.record({
      kind: fc.constant("bootstrap" as const),
      distribution: word,
      release: word,
      packages: fc.array(word),
      components: fc.array(word),
      trusted: fc.constant(true as const),
    }),
    fc.constant({ kind: "host" as const }),
  );

  test("is read back as it was written, whatever its root", async () => {
    await fc.assert(
      fc.asyncProperty(root, async (root) => {
        const text = await formatEnvironment({ root });
        expect((await parseEnvironment(text, "/x/a.yaml", "a", "/home/ann")).root).toEqual(root);
      }),
    );
  });

  test("never takes the place of one that is there", async () => {
    const paths = makePaths();
    const file = await addEnvironment("a", { root: image }, paths);
    const before = readFileSync(file, "utf8");
    await expect(addEnvironment("a", { root: { kind: "host" } }, paths)).rejects.toThrow('there is already an environment "a"');
    expect(readFileSync(file, "utf8")).toBe(before);
  });

  test("is not written when it would have a mistake", async () => {
    const paths = makePaths();
    await expect(addEnvironment("a", { root: { kind: "image", reference: "a b" } }, paths)).rejects.toThrow("holds a space");
    await expect(addEnvironment("../a", { root: image }, paths)).rejects.toThrow("not an environment's name");
    expect(existsSync(paths.config)).toBe(false);
  });
});

test("an environment can be removed by who owns it", async () => {
  const paths = makePaths();
  await expect(requireOwnEnvironment("a", paths)).rejects.toThrow("there is no environment");
  const file = await addEnvironment("a", { root: image }, paths);
  expect(await requireOwnEnvironment("a", paths)).toMatchObject({ name: "a", file });
});

test("the administrator's environments are not the user's to remove", async () => {
  const paths = makePaths();
  await addEnvironment("a", { root: image }, { home: paths.home, config: paths.systemConfig });
  await expect(requireOwnEnvironment("a", paths)).rejects.toThrow("not one of your own");
});
