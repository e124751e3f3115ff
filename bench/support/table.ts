import { type Line, milliseconds, type Timing } from "./result.ts";

export function formatLines(lines: readonly Line[]): string {
  return formatTable(
    ["what", "budget", "measured", "verdict"],
    lines.map((line) => [line.what, line.budget, line.measured, line.verdict]),
  );
}

/** Milliseconds; the clock's, and the processor time that is in them. */
export function formatTimings(timings: readonly Timing[]): string {
  const rows = timings.map(({ what, wall, processor }) => [
    what,
    ...[wall.median, wall.quiet, wall.min, wall.max, processor.median].map(milliseconds),
  ]);
  return formatTable(["absolute", "median", "quiet", "least", "most", "processor, median"], rows);
}

export function formatTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const all = [head, head.map(() => ""), ...rows];
  const widths = head.map((_, i) => Math.max(...all.map((row) => row[i]?.length ?? 0)));
  return all
    .map((row, i) => (i === 1 ? widths.map((n) => "-".repeat(n)) : row.map((cell, k) => cell.padEnd(widths[k] ?? 0))).join("  ").trimEnd())
    .join("\n");
}
