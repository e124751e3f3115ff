/** Prints DESIGN's budget table with what was measured: main.js [ROW]... */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { build } from "./rows/build.ts";
import { commands } from "./rows/commands.ts";
import { crowd } from "./rows/crowd.ts";
import { exec } from "./rows/exec.ts";
import { first } from "./rows/first.ts";
import { firstPodman } from "./rows/first-podman.ts";
import { labs } from "./rows/lab.ts";
import { starting } from "./rows/process.ts";
import { redirect } from "./rows/redirect.ts";
import { session } from "./rows/session.ts";
import { trace } from "./rows/trace.ts";
import { Bench, type Row } from "./support/bench.ts";
import { describeHost } from "./support/host.ts";
import { type RowResult, Skip } from "./support/result.ts";
import { formatLines, formatTimings } from "./support/table.ts";

const rows: Row[] = [exec, redirect, first, firstPodman, build, crowd, commands, session, starting, labs, trace];
const named = process.argv.slice(2);
const rounds = process.env.QPOD_BENCH_ROUNDS ? Number(process.env.QPOD_BENCH_ROUNDS) : undefined;
const unknown = named.filter((name) => !rows.some((row) => row.name === name));

async function measure(row: Row, bench: Bench): Promise<RowResult> {
  process.stderr.write(`measuring ${row.name}\n`);
  try {
    return await row.run(bench);
  } catch (error) {
    if (!(error instanceof Skip)) throw error;
    return { lines: [{ what: row.name, budget: "", measured: error.message, verdict: "skipped" }], timings: [] };
  }
}

async function main(): Promise<void> {
  const host = describeHost(new Date());
  const bench = new Bench(rounds);
  const result: RowResult = { lines: [], timings: [] };
  try {
    for (const row of rows) {
      if (named.length > 0 && !named.includes(row.name)) continue;
      const one = await measure(row, bench);
      result.lines.push(...one.lines);
      result.timings.push(...one.timings);
    }
  } finally {
    await bench.cleanUp();
  }
  const facts = Object.entries(host)
    .map(([name, value]) => `${name} ${value}`)
    .join(", ");
  const text = `${formatLines(result.lines)}\n\n${formatTimings(result.timings)}\n\n${facts}\n`;
  process.stdout.write(text);
  // A part, or too few rounds, would look like a whole run to who compares them later.
  if (named.length > 0 || rounds !== undefined) return;
  const folder = join("bench/runs", `${host.date}-${host.kernel}`);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "table.txt"), text);
  writeFileSync(join(folder, "results.json"), `${JSON.stringify({ host, ...result }, null, 1)}\n`);
  process.stdout.write(`kept in ${folder}\n`);
}

if (unknown.length > 0) {
  process.stderr.write(`there is no row ${unknown.join(", ")}: there are ${rows.map(({ name }) => name).join(", ")}\n`);
  process.exitCode = 2;
} else {
  await main();
}
