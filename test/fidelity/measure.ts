import { Visit } from "./visit.ts";
import type { Column, Kit, Row, Value } from "./way.ts";

/** What a property was seen to be, in one way, with a terminal or without. */
export interface Finding {
  row: Row;
  terminal: boolean;
  value: Value;
}

export interface Result {
  column: Column;
  findings: Finding[];
  /** Why there are none. */
  reason?: string;
  seconds: number;
}

const message = (error: unknown) =>
  (error instanceof Error ? (error.message.split("\n")[0] ?? "") : String(error)).replace("; the screen since then:", "");

/** Tries every row by one way of entry. A row that cannot be tried is a finding too. */
export async function measure(
  column: Column,
  kit: Kit,
  rows: readonly Row[],
  options: { quick?: boolean; tell?: (text: string) => void } = {},
): Promise<Result> {
  const begin = performance.now();
  const findings: Finding[] = [];
  const seconds = () => (performance.now() - begin) / 1000;
  let way: Awaited<ReturnType<Column["open"]>>;
  try {
    way = await column.open(kit);
  } catch (error) {
    return { column, findings, reason: message(error), seconds: seconds() };
  }
  try {
    for (const terminal of [false, true]) {
      const visit = new Visit(way, terminal, options.quick === true);
      for (const row of rows) {
        if (row.terminal === (terminal ? "never" : "only")) continue;
        const start = performance.now();
        let value: Value;
        try {
          value = await row.see(visit);
        } catch (error) {
          value = `failed: ${message(error)}`;
        } finally {
          await visit.settle();
        }
        findings.push({ row, terminal, value });
        options.tell?.(
          `${column.name}: ${row.name}${terminal ? ", terminal" : ""}: ${JSON.stringify(value).slice(0, 200)} (${((performance.now() - start) / 1000).toFixed(1)} s)`,
        );
      }
    }
    return { column, findings, seconds: seconds() };
  } finally {
    await way.close();
  }
}
