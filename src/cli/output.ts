/** Where a command's answer goes; progress and errors go to stderr instead. */
export interface Output {
  isTerminal: boolean;
  line(text?: string): void;
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
  const line = (text = "") => void stream.write(`${text}\n`);
  return {
    isTerminal: stream.isTTY === true,
    line,
    json: (value) => line(JSON.stringify(value, replaceBigInt, stream.isTTY ? 2 : undefined)),
    table(rows) {
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

/** `3.4 GB`, in powers of 1000 as disks are sold. */
export function formatBytes(bytes: number): string {
  const units = ["B", "kB", "MB", "GB", "TB"];
  let unit = 0;
  let value = bytes;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${unit === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${units[unit]}`;
}
