import type { Row } from "../support/bench.ts";
import { definitionOf, directVariant } from "../support/redirect-variants.ts";
import { atMost, times } from "../support/result.ts";
import { medianRatio } from "../support/statistics.ts";
import { timingsOf } from "../support/take-turns.ts";

/** 500 commands, 64 at once, all in one pod, beside the same outside of any. */
export const crowd: Row = {
  name: "crowd",
  async run(bench) {
    const root = await bench.findRoot();
    const world = bench.makeWorld();
    const repository = await world.makeRepository("repository");
    await world.bind(repository, "old", definitionOf(root));
    const many = { batch: 500, jobs: 64, ahead: 1 as const };
    const turns = await bench.takeTurns(
      {
        native: { ...directVariant(bench, world, root, "/bin/true"), ...many, what: "500 times true, 64 at once, directly" },
        pod: { what: "500 times true, 64 at once, in a session", ...many, cwd: repository, set: world.session, argv: ["/bin/true"] },
      },
      { rounds: 15, env: world.env, mayFail: true },
    );
    const failed = turns.pod.failed;
    return {
      lines: [
        { what: "500 redirects, 64 at once: failed", budget: "none", measured: String(failed), verdict: failed === 0 ? "within" : "over" },
        atMost("500 redirects, 64 at once: time of native", 1.5, medianRatio(turns.pod.wall, turns.native.wall), times),
      ],
      timings: timingsOf(turns),
    };
  },
};
