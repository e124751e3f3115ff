import { describe, expect, test } from "vitest";
import { type BoundTree, compilePolicy } from "../../../src/policy/compile.ts";
import type { PolicyEnvironment } from "../../../src/policy/policy.ts";

const environment = (name: string, commands: string[]): PolicyEnvironment => ({
  name,
  commands,
  commandGlobs: [],
  hostNames: [],
  hostPaths: [],
});
const tree = (root: string, one: PolicyEnvironment): BoundTree => ({
  root: Buffer.from(root),
  gitDir: Buffer.from(`${root}/.git`),
  rules: [{ branch: "", pod: "pod", definition: 1n, environment: one }],
});

describe("compiling a policy", () => {
  test("an environment that many trees use is kept once", () => {
    const policy = compilePolicy([tree("/a", environment("old", ["make"])), tree("/b", environment("old", ["make"]))], [], "");
    expect(policy.environments).toHaveLength(1);
  });

  test("two definitions of one name are kept apart", () => {
    const policy = compilePolicy([tree("/a", environment("old", ["make"])), tree("/b", environment("old", ["waf"]))], [], "");
    expect(policy.trees.map((one) => one.rules[0]?.environment)).toEqual(["old", "old#2"]);
    expect(policy.environments.map((one) => one.commands)).toEqual([["make"], ["waf"]]);
  });
});
