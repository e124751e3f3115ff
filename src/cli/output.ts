import { visible, visibleLines } from "../base/text.ts";

/**
 * Where a command's answer goes; progress and errors go to stderr instead. Names in it may come from a repository or an
 * image, so what a terminal would obey is escaped, in a pipe too: it may end on one.
 */
export interface Output {
  isTerminal: boolean;
  line(text?: string): void;
  /** Text of several lines. */
  text(text: string): void;
  /** A unified diff: for a program as it is, for a person in colours and escaped like all else. */
  diff(text: string): void;
  /** Pretty on a terminal, one line in a pipe: for scripts. */
  json(value: unknown): void;
  /** Columns padded to their widest cell, two spaces apart. */
  table(rows: readonly (readonly string[])[]): void;
}

interface Stream {
  isTTY?: boolean;
  write(text: string): unknown;
}

export function makeOutput(stream: Stream = process.stdout): Output {
  const text = (lines: string) => void stream.write(`${visibleLines(lines)}\n`);
  const line = (one = "") => text(visible(one));
  return {
    isTerminal: stream.isTTY === true,
    line,
    text,
    diff: (lines) => void stream.write(`${stream.isTTY ? lines.split("\n").map(colour).join("\n") : lines}\n`),
    json: (value) => void stream.write(`${escapeJson(JSON.stringify(value, replaceBigInt, stream.isTTY ? 2 : undefined))}\n`),
    table(raw) {
      const rows = raw.map((row) => row.map(visible));
      const widths: number[] = [];
      for (const row of rows) for (const [i, cell] of row.entries()) widths[i] = Math.max(widths[i] ?? 0, cell.length);
      for (const row of rows)
        line(
          row
            .map((cell, i) => (i === row.length - 1 ? cell : cell.padEnd(widths[i] ?? 0)))
            .join("  ")
            .trimEnd(),
        );
    },
  };
}

function replaceBigInt(_key: string, value: unknown): unknown {
  return typeof value === "bigint" ? value.toString() : value;
}

const colours: Record<string, string> = { "+": "\x1b[32m", "-": "\x1b[31m", "@": "\x1b[36m" };

function colour(line: string): string {
  const shown = visible(line.replaceAll("\t", "        "));
  const begin = /^(---|\+\+\+) /.test(line) ? "\x1b[1m" : colours[line[0] ?? ""];
  return begin ? `${begin}${shown}\x1b[m` : shown;
}

/** JSON escapes only the oldest of the control characters; what is read back is the same. */
function escapeJson(json: string): string {
  return json.replaceAll(/[\x7f-\x9f\p{Cf}\u2028\u2029]/gu, (character) =>
    Array.from({ length: character.length }, (_, i) => `\\u${character.charCodeAt(i).toString(16).padStart(4, "0")}`).join(""),
  );
}
