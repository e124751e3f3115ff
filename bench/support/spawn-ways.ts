/** Run in a Node of its own by the row `process`: what each way of starting a program costs. Prints JSON. */
import { spawn, spawnSync } from "node:child_process";
import { execa } from "execa";
import { x } from "tinyexec";
import { $ } from "zx";
import { command } from "../../src/process/make-command.ts";

const program = process.argv[2] ?? "/bin/true";
const rounds = Number(process.argv[3] ?? 30);

const ways: Record<string, () => unknown> = {
  "qpod/process": () => command(program).run(),
  "qpod/process, one-shot": () => command(program).way("one-shot").run(),
  "node spawn": () =>
    new Promise((resolve, reject) => {
      const child = spawn(program);
      for (const stream of [child.stdout, child.stderr]) stream.resume();
      child.stdin.end();
      child.on("error", reject).on("close", resolve);
    }),
  "node spawnSync": () => spawnSync(program),
  execa: () => execa(program),
  tinyexec: () => x(program, []),
  // Its own prefix is for bash; there is none without a shell.
  zx: () => $`${program}`.quiet(),
};

const AT_ONCE = 16;
const clock = () => Number(process.hrtime.bigint());

async function measureOne(way: () => unknown): Promise<number> {
  const begin = clock();
  await way();
  return clock() - begin;
}

/** Nanoseconds for each of many that run at once. */
async function measureMany(way: () => unknown): Promise<number> {
  let left = 4 * AT_ONCE;
  const work = async () => {
    while (left-- > 0) await way();
  };
  const begin = clock();
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return (clock() - begin) / (4 * AT_ONCE);
}

/** How long the call itself keeps the event loop. */
async function measureBlock(way: () => unknown): Promise<number> {
  const begin = clock();
  const running = way();
  await new Promise((resolve) => setImmediate(resolve));
  const blocked = clock() - begin;
  await running;
  return blocked;
}

async function takeTurns(measure: (way: () => unknown) => Promise<number>, count: number, names = Object.keys(ways)) {
  const all: Record<string, number[]> = Object.fromEntries(names.map((name) => [name, []]));
  for (const name of names) await ways[name]?.();
  for (let i = 0; i < count; i++) for (const name of names) all[name]?.push(await measure(ways[name] as () => unknown));
  return all;
}

const one = await takeTurns(measureOne, 4 * rounds);
const many = await takeTurns(measureMany, Math.ceil(rounds / 3));
const small = await takeTurns(measureBlock, rounds, ["qpod/process", "node spawn"]);
// In use, so that there are pages to copy.
const memory = Buffer.alloc(1 << 30, 1);
const large = await takeTurns(measureBlock, rounds, ["qpod/process", "node spawn"]);
process.stdout.write(JSON.stringify({ one, many, small, large, held: memory.length }));
process.exit(0);
