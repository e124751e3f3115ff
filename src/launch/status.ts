/** The records with which the launcher tells what happened: native/format/status.h in TypeScript. */

const statusKind = {
  failed: 1,
  started: 2,
  fact: 3,
  note: 4,
  notRun: 5,
  pipes: 6,
  waiting: 7,
  runs: 8,
  daemon: 9,
  output: 10,
  closed: 11,
  ended: 12,
} as const;

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
  /** Of a child of the process API, by its number: see native/format/status.h. */
  | ChildRecord
  /** A kind that only a newer launcher knows. */
  | { kind: "unknown"; code: number; number: bigint; strings: string[] };

export type ChildRecord = { child: number } & (
  | { kind: "failed"; errno: number; operation: string; argument: string; explanation: string }
  | { kind: "notRun"; errno: number; program: string; explanation: string }
  /** Where our ends of the pipes are: number in the child, and descriptor of the holder. */
  | { kind: "pipes"; holder: number; ends: [number, number][] }
  | { kind: "waiting" }
  | { kind: "runs" | "daemon"; pid: number }
  | { kind: "output"; descriptor: number; bytes: Buffer }
  | { kind: "closed"; descriptor: number }
  /** As wait(2) has it. */
  | { kind: "ended"; status: number }
);

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
    const code = all.readUInt16LE(at + 4);
    const child = all.readUInt32LE(at + 12);
    const number = all.readBigInt64LE(at + 16);
    at = end;
    if (code === statusKind.output) {
      records.push({ child, kind: "output", descriptor: Number(number), bytes: text });
      continue;
    }
    if (length > 0 && text.at(-1) !== 0) throw new RangeError(`status record before byte ${at} has no end`);
    const strings = splitStrings(text);
    records.push(makeChildRecord(code, child, number, strings) ?? makeRecord(code, number, strings));
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

function makeChildRecord(code: number, child: number, number: bigint, strings: string[]): ChildRecord | undefined {
  const [first = "", second = "", third = ""] = strings;
  const value = Number(number);
  switch (code) {
    case statusKind.failed:
      return child === 0 ? undefined : { child, kind: "failed", errno: value, operation: first, argument: second, explanation: third };
    case statusKind.notRun:
      return { child, kind: "notRun", errno: value, program: first, explanation: second };
    case statusKind.pipes: {
      const ends: [number, number][] = [];
      for (let i = 0; i + 1 < strings.length; i += 2) ends.push([Number(strings[i]), Number(strings[i + 1])]);
      return { child, kind: "pipes", holder: value, ends };
    }
    case statusKind.waiting:
      return { child, kind: "waiting" };
    case statusKind.runs:
      return { child, kind: "runs", pid: value };
    case statusKind.daemon:
      return { child, kind: "daemon", pid: value };
    case statusKind.closed:
      return { child, kind: "closed", descriptor: value };
    case statusKind.ended:
      return { child, kind: "ended", status: value };
  }
  return undefined;
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
