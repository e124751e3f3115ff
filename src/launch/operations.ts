/** The operation lists that the launcher runs: native/format/operation.h in TypeScript, byte for byte. */

/** The numbers are part of the format and mirror `enum operation_code`. */
export const op = {
  pod: 1,
  join: 2,
  pathMap: 3,
  identity: 4,
  pass: 5,
  passIf: 6,
  set: 7,
  search: 8,
  limit: 9,
  serve: 10,
  unshare: 32,
  ids: 33,
  propagation: 34,
  mount: 35,
  bind: 36,
  mkdir: 37,
  symlink: 38,
  line: 39,
  pivot: 40,
  entry: 41,
  note: 42,
  leave: 43,
  enter: 64,
  exec: 65,
  unset: 66,
  directory: 67,
  hideStatx: 68,
  lab: 160,
  labHost: 161,
  labLinked: 162,
  labUp: 163,
  labAddress: 164,
  labRoute: 165,
  labFile: 166,
  labSwitch: 167,
  labPair: 168,
  labStay: 169,
} as const;

export type OperationCode = (typeof op)[keyof typeof op];

/** Bits of number 1 of `mount` and `bind`. */
export const option = { optional: 1, create: 2 } as const;
/** Bits of number 1 of `enter`. */
export const enter = { root: 1 } as const;

export interface Operation {
  code: OperationCode;
  /** At most four, unsigned; missing ones are 0. */
  numbers?: readonly (number | bigint)[];
  strings?: readonly (string | Uint8Array)[];
}

/** An operation as read back: everything filled in. */
export interface DecodedOperation {
  /** May be one that only a newer qpod knows. */
  code: number;
  numbers: [bigint, bigint, bigint, bigint];
  strings: Buffer[];
}

const MAGIC = Buffer.from("qpodops\n");
const VERSION = 1;
const HEADER_SIZE = 24;
const OPERATION_SIZE = 40;
const NUMBERS = 4;

const roundUp = (value: number, unit: number) => Math.ceil(value / unit) * unit;

/** @throws RangeError for what the format cannot hold: that is a mistake of ours, not the user's. */
export function encodeOperations(list: readonly Operation[]): Buffer {
  const parts = list.map(encodeOperation);
  const header = Buffer.alloc(HEADER_SIZE);
  MAGIC.copy(header);
  header.writeUInt32LE(VERSION, 8);
  header.writeUInt32LE(HEADER_SIZE + parts.reduce((sum, part) => sum + part.length, 0), 12);
  header.writeUInt32LE(list.length, 16);
  return Buffer.concat([header, ...parts]);
}

function encodeOperation(operation: Operation): Buffer {
  const strings = (operation.strings ?? []).map(toBytes);
  const numbers = operation.numbers ?? [];
  if (numbers.length > NUMBERS) throw new RangeError(`operation ${operation.code} has ${numbers.length} numbers`);
  const size = roundUp(OPERATION_SIZE + strings.reduce((sum, bytes) => sum + stringSize(bytes), 0), 8);
  const part = Buffer.alloc(size);
  part.writeUInt16LE(operation.code, 0);
  part.writeUInt16LE(strings.length, 2);
  part.writeUInt32LE(size, 4);
  for (const [i, number] of numbers.entries()) part.writeBigUInt64LE(BigInt(number), 8 + 8 * i);
  let at = OPERATION_SIZE;
  for (const bytes of strings) {
    part.writeUInt32LE(bytes.length, at);
    part.set(bytes, at + 4);
    at += stringSize(bytes);
  }
  return part;
}

const toBytes = (text: string | Uint8Array) => (typeof text === "string" ? Buffer.from(text) : text);
const stringSize = (bytes: Uint8Array) => roundUp(4 + bytes.length + 1, 4);

/** @throws RangeError when the bytes are not a whole list of this version; the same checks as operation_open. */
export function decodeOperations(bytes: Uint8Array): DecodedOperation[] {
  const list = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (list.length < HEADER_SIZE || !list.subarray(0, 8).equals(MAGIC)) throw new RangeError("not an operation list");
  const version = list.readUInt32LE(8);
  if (version !== VERSION) throw new RangeError(`written by ${version < VERSION ? "an older" : "a newer"} qpod`);
  if (list.readUInt32LE(12) !== list.length) throw new RangeError("truncated");
  const operations: DecodedOperation[] = [];
  let at = HEADER_SIZE;
  for (let left = list.readUInt32LE(16); left > 0; left--) {
    const size = at + OPERATION_SIZE <= list.length ? list.readUInt32LE(at + 4) : 0;
    if (size < OPERATION_SIZE || size > list.length - at) throw new RangeError("damaged");
    operations.push(decodeOperation(list.subarray(at, at + size)));
    at += size;
  }
  if (at !== list.length) throw new RangeError("damaged");
  return operations;
}

function decodeOperation(part: Buffer): DecodedOperation {
  const strings: Buffer[] = [];
  let at = OPERATION_SIZE;
  for (let left = part.readUInt16LE(2); left > 0; left--) {
    const length = at + 4 <= part.length ? part.readUInt32LE(at) : part.length;
    const next = at + roundUp(4 + length + 1, 4);
    if (next > part.length || part[at + 4 + length] !== 0) throw new RangeError("damaged");
    strings.push(part.subarray(at + 4, at + 4 + length));
    at = next;
  }
  if (roundUp(at, 8) !== part.length) throw new RangeError("damaged");
  const number = (i: number) => part.readBigUInt64LE(8 + 8 * i);
  return { code: part.readUInt16LE(0), numbers: [number(0), number(1), number(2), number(3)], strings };
}

/** The name the launcher uses in its messages; the same as operation_name in C. */
export function operationName(code: number): string {
  const found = Object.entries(op).find(([, value]) => value === code);
  return found ? found[0].replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`) : "unknown operation";
}
