import type { Value } from "./trace-event.ts";

const letters: Record<string, number> = { n: 10, t: 9, r: 13, v: 11, f: 12, a: 7, b: 8, e: 27 };

/** The end of the quoted string that begins at `at`, behind its quote; -1 when it has none. */
export function endOfString(text: string, at: number): number {
  for (let i = at + 1; i < text.length; i++) {
    if (text[i] === "\\") i++;
    else if (text[i] === '"') return i + 1;
  }
  return -1;
}

/** A quoted string as strace writes it: letters, octal of one to three digits, or `\xHH`. */
export function readString(quoted: string): Extract<Value, { type: "string" }> {
  const bytes = unescapeBytes(quoted.slice(1, -1));
  const text = bytes.toString("utf8");
  return Buffer.from(text).equals(bytes)
    ? { type: "string", text }
    : { type: "string", text: bytes.toString("latin1"), hex: bytes.toString("hex") };
}

function unescapeBytes(text: string): Buffer {
  if (!text.includes("\\")) return Buffer.from(text);
  const parts: Buffer[] = [];
  const pattern = /\\(?:x([0-9a-fA-F]{2})|([0-7]{1,3})|([\s\S]))|[^\\]+|\\/g;
  for (const [whole, hex, octal, letter] of text.matchAll(pattern)) {
    if (hex) parts.push(Buffer.from(hex, "hex"));
    else if (octal) parts.push(Buffer.from([Number.parseInt(octal, 8) & 0xff]));
    else if (letter) parts.push(letter in letters ? Buffer.from([letters[letter] ?? 0]) : Buffer.from(letter));
    else parts.push(Buffer.from(whole));
  }
  return Buffer.concat(parts);
}

/** `</etc/passwd>` behind a descriptor, as a source of patterns: with `->` of connections, `<char 1:3>` of devices and quoted names. */
export const descriptorName = String.raw`<(?:->|\\.|"(?:\\.|[^"\\])*"|<[^<>]*>|[^<>"\\])*>`;
