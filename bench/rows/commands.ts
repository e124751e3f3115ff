import { join } from "node:path";
import type { Row } from "../support/bench.ts";
import { definitionOf } from "../support/redirect-variants.ts";
import { atMost, times } from "../support/result.ts";
import { medianRatio } from "../support/statistics.ts";
import { timingsOf } from "../support/take-turns.ts";

/** What qpod's own commands take, beside a script of Node's that does nothing. By processor time and by the clock. */
export const commands: Row = {
  name: "commands",
  async run(bench) {
    const world = bench.makeWorld();
    const repository = await world.makeRepository("repository");
    await world.bind(repository, "old", definitionOf(await bench.findRoot()));
    const empty = join(world.folder, "empty.js");
    world.writeFile(empty, "");
    const turns = await bench.takeTurns(
      {
        empty: { what: "an empty node script", ahead: 1, cwd: repository, argv: [process.execPath, empty] },
        help: { what: "qpod --help", ahead: 1, cwd: repository, argv: [world.qpodProgram, "--help"] },
        explain: { what: "qpod explain make", ahead: 1, cwd: repository, argv: [world.qpodProgram, "explain", "make"] },
      },
      { rounds: 40, env: world.env },
    );
    return {
      lines: [
        atMost("qpod --help, of an empty node script", 1.5, medianRatio(turns.help.wall, turns.empty.wall), times),
        atMost("qpod explain make, of an empty node script", 2, medianRatio(turns.explain.wall, turns.empty.wall), times),
      ],
      timings: timingsOf(turns),
    };
  },
};
