import { existsSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import type { Row } from "../support/bench.ts";
import { findTool } from "../support/host.ts";
import { writeProject } from "../support/project.ts";
import { definitionOf, launcherVariant } from "../support/redirect-variants.ts";
import { atMost, Skip } from "../support/result.ts";
import { medianRatio } from "../support/statistics.ts";
import { timingsOf } from "../support/take-turns.ts";

const BUDGET = 1.15;
/** Of two seconds, the start of Node would be a tenth. */
const FILES = 120;

/** `make` of a small C project in a pod, and the same with its network calls traced. */
export const trace: Row = {
  name: "trace",
  async run(bench) {
    const root = await bench.findRoot();
    if (!findTool("strace")) throw new Skip("strace is not installed");
    for (const tool of ["make", "gcc"]) if (!existsSync(join(root, "usr/bin", tool))) throw new Skip(`the old root has no ${tool}`);
    const world = bench.makeWorld();
    const repository = await world.makeRepository("traced");
    writeProject(repository, FILES);
    await world.bind(repository, "traced", definitionOf(root));
    const jobs = `-j${Math.min(4, availableParallelism())}`;
    const make = ["--silent", "--always-make", jobs];
    const options = ["trace", "--calls", "%network", "--json", "--output", "/dev/null", "--"];
    const turns = await bench.takeTurns(
      {
        build: {
          ...launcherVariant(world, repository, "/usr/bin/make", ...make),
          what: `make ${jobs} of ${FILES} C files in a pod`,
        },
        traced: {
          cwd: repository,
          argv: [world.qpodProgram, ...options, "make", ...make],
          what: "the same by qpod trace --calls %network",
        },
      },
      { rounds: 5, env: world.env },
    );
    // As for a build alone: others' work adds more to the clock than there is to measure.
    const ratio = medianRatio(turns.traced.processor, turns.build.processor);
    return {
      lines: [atMost("a build with %network traced, of the build's processor time", BUDGET, ratio, (value) => `${value.toFixed(3)}x`)],
      timings: timingsOf(turns),
    };
  },
};
