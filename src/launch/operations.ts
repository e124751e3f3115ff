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
  claim: 44,
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
  request: 96,
  descriptor: 97,
  closeRest: 98,
  newSession: 99,
  newGroup: 100,
  daemon: 101,
  nice: 102,
  oomScore: 103,
  rlimit: 104,
  groups: 105,
  user: 106,
  capabilities: 107,
  umask: 108,
  folder: 109,
  apparmor: 110,
  selinux: 111,
  pidfile: 112,
  write: 113,
  parentDeath: 114,
  noPrivileges: 115,
  ignore: 116,
  chroot: 117,
  handshake: 118,
  arguments: 119,
  sessionLaunch: 120,
  run: 121,
} as const;

export type OperationCode = (typeof op)[keyof typeof op];

/** Bits of number 1 of `mount` and `bind`. */
export const option = { optional: 1, create: 2 } as const;
/** Bits of number 1 of `enter`. */
export const enter = { root: 1 } as const;
/** Number 1 of `request`. */
export const request = { spawn: 1, signal: 2, opened: 3, notify: 4, release: 5 } as const;
/** Number 3 of a request `signal`; milliseconds are added to `grace`. */
export const signalHow = { alone: 0, tree: 1, grace: 2 } as const;
/** Number 1 of `descriptor`: what it is made of. */
export const source = { ours: 0, file: 1, bytes: 2, same: 3, captured: 4, read: 5, written: 6 } as const;
/** Bits of number 2 of `user`. */
export const userBits = { uid: 1, gid: 2 } as const;

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
  const bytes = Buffer.alloc(HEADER_SIZE + list.reduce((sum, operation) => sum + operationSize(operation), 0));
  MAGIC.copy(bytes);
  bytes.writeUInt32LE(VERSION, 8);
  bytes.writeUInt32LE(bytes.length, 12);
  bytes.writeUInt32LE(list.length, 16);
  let at = HEADER_SIZE;
  for (const operation of list) at = writeOperation(bytes, at, operation);
  return bytes;
}

function operationSize({ strings = [] }: Operation): number {
  return roundUp(OPERATION_SIZE + strings.reduce((sum, string) => sum + stringSize(lengthOf(string)), 0), 8);
}

/** Where the next one goes. */
function writeOperation(to: Buffer, at: number, operation: Operation): number {
  const { code, numbers = [], strings = [] } = operation;
  if (numbers.length > NUMBERS) throw new RangeError(`operation ${code} has ${numbers.length} numbers`);
  const size = operationSize(operation);
  to.writeUInt16LE(code, at);
  to.writeUInt16LE(strings.length, at + 2);
  to.writeUInt32LE(size, at + 4);
  for (const [i, number] of numbers.entries()) to.writeBigUInt64LE(BigInt(number), at + 8 + 8 * i);
  let place = at + OPERATION_SIZE;
  for (const string of strings) {
    const length = lengthOf(string);
    to.writeUInt32LE(length, place);
    if (typeof string === "string") to.write(string, place + 4);
    else to.set(string, place + 4);
    place += stringSize(length);
  }
  return at + size;
}

const lengthOf = (string: string | Uint8Array) => (typeof string === "string" ? Buffer.byteLength(string) : string.length);
const stringSize = (length: number) => roundUp(4 + length + 1, 4);

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
