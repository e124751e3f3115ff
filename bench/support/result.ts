import type { Summary } from "./statistics.ts";

/** A line of the budget table. */
export interface Line {
  what: string;
  budget: string;
  measured: string;
  verdict: "within" | "over" | "skipped";
}

/** An absolute time, for what a ratio was made from and for what is only there to be compared with. */
export interface Timing {
  what: string;
  wall: Summary;
  processor: Summary;
}

export interface RowResult {
  lines: Line[];
  timings: Timing[];
}

/** Thrown by a row, or by a part of one, that this machine cannot measure. */
export class Skip extends Error {}

export function atMost(what: string, limit: number, measured: number, show: (value: number) => string, sign = ""): Line {
  return { what, budget: `at most ${show(limit)}`, measured: `${sign}${show(measured)}`, verdict: measured <= limit ? "within" : "over" };
}

export function atLeast(what: string, limit: number, measured: number, show: (value: number) => string): Line {
  return { what, budget: `at least ${show(limit)}`, measured: show(measured), verdict: measured >= limit ? "within" : "over" };
}

export const microseconds = (ns: number) => `${(ns / 1e3).toFixed(1)} us`;
export const milliseconds = (ns: number) => `${(ns / 1e6).toFixed(ns < 10e6 ? 3 : 1)} ms`;
export const times = (ratio: number) => `${ratio < 10 ? ratio.toFixed(2) : ratio.toFixed(0)}x`;
