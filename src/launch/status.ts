/** The records with which the launcher tells what happened: native/format/status.h in TypeScript. */

export const statusKind = { failed: 1, started: 2, fact: 3, note: 4 } as const;

const MAGIC = 0x31537071;
const VERSION = 1;
const HEADER_SIZE = 24;
const TEXT_MAX = 16384;

export type StatusRecord =
  /** An operation failed. */
  | { kind: "failed"; errno: number; operation: string; argument: string; explanation: string }
  /** A pod was started. */
  | { kind: "started"; pid: number; pod: string; startTime: bigint }
  /** What `qpod explain` shows. */
  | { kind: "fact"; number: bigint; key: string; value: string }
  /** A line of progress. */
  | { kind: "note"; text: string }
  /** A kind that only a newer launcher knows. */
  | { kind: "unknown"; code: number; number: bigint; strings: string[] };

/**
 * Reads all whole records. What follows the last whole one (the writer died, or more is to come) is `rest`.
 * @throws RangeError where something else than a record stands.
 */
export function decodeStatus(bytes: Uint8Array): { records: StatusRecord[]; rest: Buffer } {
  const all = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const records: StatusRecord[] = [];
  let at = 0;
  while (all.length - at >= HEADER_SIZE) {
    const length = checkHeader(all, at);
    const end = at + HEADER_SIZE + length;
    if (end > all.length) break;
    const text = all.subarray(at + HEADER_SIZE, end);
    if (length > 0 && text.at(-1) !== 0) throw new RangeError(`status record at byte ${at} has no end`);
    records.push(makeRecord(all.readUInt16LE(at + 4), all.readBigInt64LE(at + 16), splitStrings(text)));
    at = end;
  }
  return { records, rest: all.subarray(at) };
}

/** The length of the text. */
function checkHeader(all: Buffer, at: number): number {
  if (all.readUInt32LE(at) !== MAGIC) throw new RangeError(`no status record at byte ${at}`);
  const version = all.readUInt16LE(at + 6);
  if (version !== VERSION) throw new RangeError(`status record of version ${version}, not ${VERSION}`);
  const length = all.readUInt32LE(at + 8);
  if (length > TEXT_MAX) throw new RangeError(`status record of ${length} bytes`);
  return length;
}

function splitStrings(text: Buffer): string[] {
  return text.length === 0 ? [] : text.subarray(0, -1).toString("utf8").split("\0");
}

function makeRecord(code: number, number: bigint, strings: string[]): StatusRecord {
  const [first = "", second = "", third = ""] = strings;
  switch (code) {
    case statusKind.failed:
      return { kind: "failed", errno: Number(number), operation: first, argument: second, explanation: third };
    case statusKind.started:
      return { kind: "started", pid: Number(number), pod: first, startTime: toBigInt(second) };
    case statusKind.fact:
      return { kind: "fact", number, key: first, value: second };
    case statusKind.note:
      return { kind: "note", text: first };
    default:
      return { kind: "unknown", code, number, strings };
  }
}

const toBigInt = (text: string) => (/^\d+$/.test(text) ? BigInt(text) : 0n);
