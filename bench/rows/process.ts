import { join } from "node:path";
import { run } from "../../src/process/run.ts";
import type { Row } from "../support/bench.ts";
import { atLeast, atMost, milliseconds, type Timing, times } from "../support/result.ts";
import { medianRatio, quiet, summarize } from "../support/statistics.ts";

type Measured = Record<"one" | "many" | "small" | "large", Record<string, number[]>>;

const ROUNDS = Number(process.env.QPOD_BENCH_ROUNDS ?? 30);
const PROGRAM = "/bin/true";

/** Starting programs from TypeScript, beside C and the other ways of Node, in one run. */
export const starting: Row = {
  name: "process",
  async run() {
    const node = await run([process.execPath, join("test", "tmp", "bench-spawn-ways.mjs"), PROGRAM, String(ROUNDS)]);
    if (node.status !== 0) throw new Error(`bench-spawn-ways ended with ${node.status}: ${node.stderr}`);
    const { one, many, small, large } = JSON.parse(node.stdout) as Measured;
    const c = await run(["dist/bench/spawn-cost", String(4 * ROUNDS), PROGRAM]);
    const [ours, theirs] = ["qpod/process", "node spawn"] as const;
    const of = (all: Record<string, number[]>, name: string) => all[name] ?? [];
    return {
      lines: [
        atMost("starting one child: time of node's spawn", 1, medianRatio(of(one, ours), of(one, theirs)), times),
        atLeast("16 at once: throughput of node's spawn", 1.5, medianRatio(of(many, theirs), of(many, ours)), times),
        atMost("event loop blocked by a start, parent of 1 GiB", 3e6, quiet(of(large, ours)), milliseconds),
        atMost("the same, of a small parent's", 2, medianRatio(of(large, ours), of(small, ours)), times),
      ],
      timings: [
        timing("one child, C posix_spawn", c.stdout.trim().split("\n").map(Number)),
        ...Object.entries(one).map(([name, values]) => timing(`one child, ${name}`, values)),
        ...Object.entries(many).map(([name, values]) => timing(`each of 16 at once, ${name}`, values)),
        ...Object.entries(large).map(([name, values]) => timing(`event loop blocked, parent of 1 GiB, ${name}`, values)),
      ],
    };
  },
};

/** Children of children are not counted by this process, so the processor's column shows the clock's. */
function timing(what: string, wall: number[]): Timing {
  return { what, wall: summarize(wall), processor: summarize(wall) };
}
