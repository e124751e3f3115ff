import { isUtf8 } from "node:buffer";

/**
 * Text as it may be shown on a terminal: control characters, and those that reorder or hide what follows,
 * become escapes, since names in a repository are written by others.
 */
export function visible(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]/gu, escapeCharacter);
}

/** The same for text of several lines, which stay lines. */
export function visibleLines(text: string): string {
  return text.split("\n").map(visible).join("\n");
}

/** The same for bytes that need not be UTF-8: a stray byte becomes `\xNN`. */
export function visibleBytes(bytes: Uint8Array): string {
  if (isUtf8(bytes)) return visible(Buffer.from(bytes).toString("utf8"));
  return Buffer.from(bytes)
    .toString("latin1")
    .replaceAll(/[^\x20-\x7e]/g, escapeCharacter);
}

const shortEscapes: Record<string, string> = { "\n": "\\n", "\r": "\\r", "\t": "\\t" };

function escapeCharacter(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  const short = shortEscapes[character];
  if (short) return short;
  return code < 0x100 ? `\\x${code.toString(16).padStart(2, "0")}` : `\\u{${code.toString(16)}}`;
}

/** How many letters must be changed, added, removed or swapped with their neighbour to get from one word to another. */
export function editDistance(from: string, to: string): number {
  const a = [...from];
  const b = [...to];
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const change = a[i - 1] === b[j - 1] ? 0 : 1;
      let best = Math.min(at(last, j) + 1, at(row, j - 1) + 1, at(last, j - 1) + change);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) best = Math.min(best, at(beforeLast, j - 2) + 1);
      row.push(best);
    }
    beforeLast = last;
    last = row;
  }
  return at(last, b.length);
}

function at(row: number[], index: number): number {
  return row[index] ?? Number.POSITIVE_INFINITY;
}

/** The candidate that was most likely meant, if one is near enough to be no guess. */
export function findClosest(word: string, candidates: Iterable<string>): string | undefined {
  if (word.length > 100) return undefined;
  const plain = simplify(word);
  let closest: string | undefined;
  let nearest = Math.min(3, Math.max(1, Math.floor(word.length / 3))) + 1;
  for (const candidate of candidates) {
    const distance = simplify(candidate) === plain ? 0 : editDistance(word.toLowerCase(), candidate.toLowerCase());
    if (distance < nearest) {
      nearest = distance;
      closest = candidate;
    }
  }
  return closest;
}

function simplify(word: string): string {
  return word.toLowerCase().replaceAll(/[-_. ]/g, "");
}

/** `Did you mean "commands"?`, or undefined when nothing is near. */
export function didYouMean(word: string, candidates: Iterable<string>): string | undefined {
  const closest = findClosest(word, candidates);
  return closest === undefined ? undefined : `Did you mean "${visible(closest)}"?`;
}

/** `a, b or c`. */
export function listChoices(words: readonly string[]): string {
  return words.length < 2 ? (words[0] ?? "") : `${words.slice(0, -1).join(", ")} or ${words.at(-1)}`;
}

/** A word that a POSIX shell reads back as it is. */
export function quote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
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
