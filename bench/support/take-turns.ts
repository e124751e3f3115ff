import { run } from "../../src/process/run.ts";
import type { Timing } from "./result.ts";
import { summarize } from "./statistics.ts";

/** A command to be timed against others; see bench/native/take-turns.c. */
export interface Variant {
  what: string;
  argv: [string, ...string[]];
  batch?: number;
  jobs?: number;
  every?: number;
  /** A shell command ahead of each turn, not timed. */
  before?: string | undefined;
  root?: string | undefined;
  cwd?: string | undefined;
  user?: string | undefined;
  set?: Record<string, string>;
  /** Before the machine's other work, where that is permitted. */
  ahead?: 1;
  /** On one processor. */
  pin?: 1;
}

/** For what takes less than some milliseconds and does one thing at a time: other work would drown it. */
export const brief = { batch: 20, ahead: 1, pin: 1 } as const;

export interface Turns {
  what: string;
  failed: number;
  status: number;
  /** Nanoseconds per command, one a turn. */
  wall: number[];
  processor: number[];
}

export interface TakeTurns {
  rounds: number;
  env: NodeJS.ProcessEnv;
  /** Put in front of the timing program. */
  within?: [string, ...string[]];
  mayFail?: boolean;
}

export async function takeTurns<const Name extends string>(program: string, variants: Record<Name, Variant>, options: TakeTurns) {
  const names = Object.keys(variants) as Name[];
  const words = names.flatMap((name) => ["--variant", ...optionsOf(variants[name]), "--", ...variants[name].argv]);
  const argv: [string, ...string[]] = [...(options.within ?? []), program, String(options.rounds), ...words] as [string, ...string[]];
  const result = await run(argv, { env: options.env });
  if (result.status !== 0) throw new Error(`take-turns ended with ${result.status}: ${result.stderr.trim()}`);
  const answers = JSON.parse(result.stdout) as Omit<Turns, "what">[];
  const turns = {} as Record<Name, Turns>;
  names.forEach((name, i) => {
    turns[name] = { what: variants[name].what, ...(answers[i] as Omit<Turns, "what">) };
  });
  const failed = Object.values<Turns>(turns).find((one) => one.failed > 0);
  if (failed && !options.mayFail) throw new Error(`${failed.what}: ended with ${failed.status}: ${result.stderr.trim()}`);
  return turns;
}

function optionsOf(variant: Variant): string[] {
  const { batch, jobs, every, before, root, cwd, user, ahead, pin } = variant;
  const options = Object.entries({ batch, jobs, every, before, root, cwd, user, ahead, pin }).filter(([, value]) => value !== undefined);
  const set = Object.entries(variant.set ?? {}).map(([name, value]) => `set=${name}=${value}`);
  return [...options.map(([name, value]) => `${name}=${value}`), ...set];
}

export function timingsOf(turns: Record<string, Turns>, suffix = ""): Timing[] {
  return Object.values(turns).map(({ what, wall, processor }) => ({
    what: what + suffix,
    wall: summarize(wall),
    processor: summarize(processor),
  }));
}
