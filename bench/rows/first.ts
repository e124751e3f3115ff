import type { Row } from "../support/bench.ts";
import { definitionOf } from "../support/redirect-variants.ts";
import { atMost, milliseconds, type RowResult } from "../support/result.ts";
import { medianDifference } from "../support/statistics.ts";
import { timingsOf } from "../support/take-turns.ts";

/** The command that has to start the pod, embedded engine. The pod is ended before each. */
export const first: Row = {
  name: "first",
  async run(bench) {
    const root = await bench.findRoot();
    const result: RowResult = { lines: [], timings: [] };
    for (const { name, user } of bench.users()) {
      const world = bench.makeWorld(user);
      const repository = await world.makeRepository("repository");
      await world.bind(repository, "old", definitionOf(root));
      // The kernel takes the old pod's mounts apart for a while after its end, which is no part of a start.
      const down = world.shellCommand(repository, [world.qpodProgram, "down"]);
      const command = { user: world.become, cwd: repository, set: world.session, argv: ["/bin/true"] as [string], ahead: 1 as const };
      const turns = await bench.takeTurns(
        {
          cold: { ...command, what: `first command, embedded, as ${name}`, before: `${down} && sleep 0.1` },
          warm: { ...command, what: `second command, embedded, as ${name}` },
        },
        { rounds: 30, env: world.env },
      );
      const more = medianDifference(turns.cold.wall, turns.warm.wall);
      result.lines.push(atMost(`first redirect, embedded, over warm, as ${name}`, 5e6, more, milliseconds, "+"));
      result.timings.push(...timingsOf(turns));
    }
    return result;
  },
};
