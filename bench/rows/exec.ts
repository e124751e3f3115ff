import { mkdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { installRuntime } from "../../src/launch/install-runtime.ts";
import { runtimeLayout } from "../../src/launch/layout.ts";
import { qpodFolder, qpodProgram } from "../../src/launch/locate.ts";
import { compilePolicy } from "../../src/policy/compile.ts";
import { encodePolicy } from "../../src/policy/encode.ts";
import type { Row } from "../support/bench.ts";
import { atMost, microseconds } from "../support/result.ts";
import { quietDifference } from "../support/statistics.ts";
import { brief, timingsOf, type Variant } from "../support/take-turns.ts";
import type { World } from "../support/world.ts";

const MANY = 10_000;
const DEPTH = 40;
const environment = { name: "old", commands: ["make", "gcc"], commandGlobs: ["*-elf-gcc"], hostNames: ["git"], hostPaths: [".git/**"] };

/** A program that stays on the host, with the library loaded into its caller and into itself. */
export const exec: Row = {
  name: "exec",
  async run(bench) {
    const world = bench.makeWorld();
    const repository = world.makeFolder("repository");
    const outside = world.makeFolder("outside");
    const preload = { one: makeSession(world, "one", [repository]), many: makeSession(world, "many", manyRoots(world, repository)) };
    const variant = (what: string, cwd: string, library?: string): Variant => ({
      what,
      cwd,
      ...brief,
      argv: ["/bin/true"],
      ...(library ? { set: { LD_PRELOAD: library } } : {}),
    });
    const turns = await bench.takeTurns(
      {
        none: variant("exec of /bin/true without the library", outside),
        empty: variant("with an empty library", outside, resolve("dist/bench/empty.so")),
        outside: variant("outside bound repositories", outside, preload.one),
        inside: variant("inside", repository, preload.one),
        outsideMany: variant("outside, 10,000 bindings", outside, preload.many),
        insideMany: variant("inside, 10,000 bindings", repository, preload.many),
        insideDeep: variant(`inside, ${DEPTH} folders deep`, makeDeep(repository), preload.one),
        insideBoth: variant(`inside, 10,000 bindings, ${DEPTH} folders deep`, makeDeep(repository), preload.many),
      },
      { rounds: 150, env: world.env },
    );
    // What no library that is preloaded can be cheaper than, on this machine.
    const { none, empty: _, ...loaded } = turns;
    const lines = Object.entries(loaded).map(([name, one]) => {
      const limit = name.startsWith("outside") ? 20e3 : 30e3;
      return atMost(`exec not redirected: ${one.what}`, limit, quietDifference(one.wall, none.wall), microseconds, "+");
    });
    return { lines, timings: timingsOf(turns) };
  },
};

/** A runtime folder with the library and a policy of these trees; the answer is the path for LD_PRELOAD. */
function makeSession(world: World, name: string, roots: string[]): string {
  const layout = runtimeLayout(world.makeFolder(`session-${name}`));
  const trees = roots.map((root) => ({
    root: Buffer.from(root),
    gitDir: Buffer.from(join(root, ".git")),
    rules: [{ branch: "", pod: "old-1", definition: 1n, environment }],
  }));
  installRuntime(layout);
  world.writeFile(layout.policy, encodePolicy(compilePolicy(trees, qpodProgram(), qpodFolder())));
  return layout.preload;
}

function manyRoots(world: World, repository: string): string[] {
  return [...Array.from({ length: MANY - 1 }, (_, i) => join(world.folder, `others/group-${i % 100}/repository-${i}`)), repository];
}

function makeDeep(folder: string): string {
  const path = join(folder, ...Array.from({ length: DEPTH }, (_, i) => `d${i}`));
  mkdirSync(path, { recursive: true });
  return path;
}
