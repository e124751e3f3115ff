import { dirname, join } from "node:path";
import type { Row } from "../support/bench.ts";
import { definitionOf } from "../support/redirect-variants.ts";
import { atMost, times } from "../support/result.ts";
import { medianRatio } from "../support/statistics.ts";
import { timingsOf } from "../support/take-turns.ts";

/** What a person waits for at the prompt: a session's start, how things stand, and Tab. */
export const session: Row = {
  name: "session",
  async run(bench) {
    const world = bench.makeWorld();
    const repository = await world.makeRepository("repository");
    await world.bind(repository, "old", definitionOf(await bench.findRoot()));
    const empty = join(world.folder, "empty.js");
    world.writeFile(empty, "");
    const completion = join(world.folder, "completion.bash");
    world.writeFile(completion, await world.runOrFail([world.qpodProgram, "completion", "bash"]));
    const tab = 'COMP_WORDS=(qpod init o) COMP_CWORD=2; _qpod; test "$COMPREPLY" = old';
    const common = { ahead: 1, cwd: repository } as const;
    const qpod = (...words: string[]) => ({
      ...common,
      what: `qpod ${words.join(" ")}`,
      argv: [world.qpodProgram, ...words] as [string, ...string[]],
    });
    const bash = (what: string, text: string) => ({
      ...common,
      what,
      argv: ["/bin/bash", "-c", `PATH=${dirname(world.qpodProgram)}:$PATH; . "$0"; ${text}`, completion] as [string, ...string[]],
    });
    const turns = await bench.takeTurns(
      {
        empty: { ...common, what: "an empty node script", argv: [process.execPath, empty] },
        shell: { ...qpod("shell", "-c", ":"), set: { SHELL: "/bin/bash" } },
        status: qpod("status"),
        ps: qpod("ps"),
        list: qpod("env", "list"),
        loaded: bash("bash that loads its completion", ":"),
        tab: bash("the same, and completes an environment", tab),
      },
      { rounds: 30, env: world.env },
    );
    const line = (name: "shell" | "status" | "ps" | "list", limit: number) =>
      atMost(`${turns[name].what}, of an empty node script`, limit, medianRatio(turns[name].wall, turns.empty.wall), times);
    return {
      lines: [
        line("shell", 4),
        line("status", 3.5),
        line("ps", 3.5),
        line("list", 3),
        atMost("Tab where an environment belongs, of loading the completion", 2.5, medianRatio(turns.tab.wall, turns.loaded.wall), times),
      ],
      timings: timingsOf(turns),
    };
  },
};
