import { QpodError } from "../base/errors.ts";

/** A member of a tar file. Names are bytes, kept as latin1 strings: they need not be valid UTF-8. */
export interface TarEntry {
  path: string;
  /** The type flag: `0` file, `1` hard link, `2` symlink, `5` folder ... */
  type: string;
  linkPath: string;
  mode: number;
  uid: number;
  gid: number;
  /** Bytes of data that follow the header. */
  size: number;
  /** The header block, with the extension blocks of an old GNU sparse file. */
  header: Buffer;
  /** Extended records, those that hold for the whole file included. */
  pax: Map<string, string>;
  /** Where the data begins in the tar file. */
  offset: number;
}

export interface TarVisitor {
  entry(entry: TarEntry): void;
  /** Data of the entry that came last. */
  data?(chunk: Buffer): void;
  /** The end of that data. */
  end?(): void;
}

const BLOCK = 512;
/** Names and extended records are held in memory. */
const LONGEST_RECORD = 1 << 20;

/** Reads a tar file in pieces as they come, which GNU, pax, ustar and the old v7 form are. */
export class TarReader {
  readonly #visitor: TarVisitor;
  readonly #place: string;
  #held = Buffer.alloc(0);
  #position = 0;
  #data: { left: number; padding: number; collect: Buffer[] | undefined; done: (bytes: Buffer) => void } | undefined;
  #sparse: TarEntry | undefined;
  #global = new Map<string, string>();
  #next = new Map<string, string>();
  #ended = false;

  /** @param place what is being read, for errors. */
  constructor(place: string, visitor: TarVisitor) {
    this.#place = place;
    this.#visitor = visitor;
  }

  write(chunk: Buffer): void {
    let rest = this.#held.length > 0 ? Buffer.concat([this.#held, chunk]) : chunk;
    while (!this.#ended && rest.length > 0) {
      const taken = this.#data ? this.#takeData(rest) : this.#takeHeader(rest);
      if (taken === 0) break;
      this.#position += taken;
      rest = rest.subarray(taken);
    }
    // A view of the chunk would keep all of it, and its owner may use it again.
    this.#held = this.#ended ? Buffer.alloc(0) : Buffer.from(rest);
  }

  /** To be called at the end of the file. umoci leaves out the end marker and the last padding; a cut member is a fault. */
  finish(): void {
    const data = this.#data;
    if (data?.left === 0) {
      this.#data = undefined;
      data.done(Buffer.concat(data.collect ?? []));
    }
    if (this.#data || this.#sparse || this.#held.length > 0) throw this.#damaged("it ends in the middle of a member");
  }

  #takeData(bytes: Buffer): number {
    const data = this.#data;
    if (!data) return 0;
    const part = bytes.subarray(0, data.left);
    data.left -= part.length;
    if (part.length > 0) {
      if (data.collect) data.collect.push(Buffer.from(part));
      else this.#visitor.data?.(part);
    }
    const skipped = data.left > 0 ? 0 : Math.min(data.padding, bytes.length - part.length);
    data.padding -= skipped;
    if (data.left === 0 && data.padding === 0) {
      this.#data = undefined;
      data.done(Buffer.concat(data.collect ?? []));
    }
    return part.length + skipped;
  }

  #takeHeader(bytes: Buffer): number {
    if (bytes.length < BLOCK) return 0;
    const block = bytes.subarray(0, BLOCK);
    if (this.#sparse) this.#continueSparse(this.#sparse, block);
    else if (block.every((byte) => byte === 0)) this.#ended = true;
    else this.#readHeader(Buffer.from(block));
    return BLOCK;
  }

  #readHeader(header: Buffer): void {
    if (!hasChecksum(header)) throw this.#damaged(`the header at byte ${this.#position} is not one of a tar file`);
    const type = header[156] ? String.fromCharCode(header[156]) : "0";
    const size = numberAt(header, 124, 12);
    if (type === "x" || type === "g" || type === "L" || type === "K") {
      if (size > LONGEST_RECORD) throw this.#damaged(`the record at byte ${this.#position} is ${size} bytes long`);
      this.#expect(size, (bytes) => this.#readRecord(type, bytes), []);
      return;
    }
    const entry = this.#makeEntry(header, type, size);
    if (type === "S" && header[482]) this.#sparse = entry;
    else this.#begin(entry, this.#position + BLOCK);
  }

  #makeEntry(header: Buffer, type: string, size: number): TarEntry {
    const pax = new Map([...this.#global, ...this.#next]);
    this.#next.clear();
    const ustar = header.toString("latin1", 257, 263) === "ustar\0";
    const prefix = ustar ? textAt(header, 345, 155) : "";
    const name = textAt(header, 0, 100);
    const path = pax.get("GNU.sparse.name") ?? pax.get("path") ?? (prefix ? `${prefix}/${name}` : name);
    const bytes = Number(pax.get("size") ?? size);
    // Links and folders of some writers give a size that no data follows.
    const hasData = !"123456".includes(type);
    if (!Number.isSafeInteger(bytes) || bytes < 0) throw this.#damaged(`the header at byte ${this.#position} gives no size`);
    return {
      path,
      type: type === "0" && path.endsWith("/") ? "5" : type,
      linkPath: pax.get("linkpath") ?? textAt(header, 157, 100),
      mode: numberAt(header, 100, 8) & 0o7777,
      uid: Number(pax.get("uid") ?? numberAt(header, 108, 8)),
      gid: Number(pax.get("gid") ?? numberAt(header, 116, 8)),
      size: hasData ? bytes : 0,
      header,
      pax,
      offset: 0,
    };
  }

  #continueSparse(entry: TarEntry, block: Buffer): void {
    entry.header = Buffer.concat([entry.header, block]);
    if (block[504]) return;
    this.#sparse = undefined;
    this.#begin(entry, this.#position + BLOCK);
  }

  #begin(entry: TarEntry, offset: number): void {
    entry.offset = offset;
    this.#visitor.entry(entry);
    this.#expect(entry.size, () => this.#visitor.end?.(), undefined);
  }

  #expect(size: number, done: (bytes: Buffer) => void, collect: Buffer[] | undefined): void {
    if (size === 0) done(Buffer.alloc(0));
    else this.#data = { left: size, padding: (BLOCK - (size % BLOCK)) % BLOCK, collect, done };
  }

  #readRecord(type: string, bytes: Buffer): void {
    if (type === "L" || type === "K") {
      this.#next.set(type === "L" ? "path" : "linkpath", bytes.toString("latin1").replace(/\0.*$/s, ""));
      return;
    }
    const records = readPax(bytes);
    if (!records) throw this.#damaged(`the extended header before byte ${this.#position} cannot be read`);
    for (const [key, value] of records) (type === "g" ? this.#global : this.#next).set(key, value);
  }

  #damaged(how: string): QpodError {
    return new QpodError({
      fact: `the archive is damaged: ${how}`,
      place: { file: this.#place },
      remedy: "Get or make the archive again.",
    });
  }
}

/** `LENGTH KEY=VALUE\n` again and again. */
function readPax(bytes: Buffer): [string, string][] | undefined {
  const records: [string, string][] = [];
  for (let at = 0; at < bytes.length && bytes[at] !== 0; ) {
    const space = bytes.indexOf(32, at);
    const length = space < 0 ? 0 : Number(bytes.toString("latin1", at, space));
    const end = at + length;
    const equals = bytes.indexOf(61, space);
    if (!Number.isInteger(length) || end > bytes.length || equals < 0 || equals >= end) return undefined;
    records.push([bytes.toString("latin1", space + 1, equals), bytes.toString("latin1", equals + 1, end - 1)]);
    at = end;
  }
  return records;
}

/** The sum over the block with the checksum's own field as spaces; some old writers summed signed bytes. */
export function hasChecksum(block: Buffer): boolean {
  let [unsigned, signed] = [0, 0];
  for (let i = 0; i < BLOCK; i++) {
    const byte = i >= 148 && i < 156 ? 32 : (block[i] ?? 0);
    unsigned += byte;
    signed += byte > 127 ? byte - 256 : byte;
  }
  const sum = numberAt(block, 148, 8);
  return sum === unsigned || sum === signed;
}

function textAt(block: Buffer, at: number, length: number): string {
  return block.toString("latin1", at, at + length).replace(/\0.*$/s, "");
}

/** Octal text, or GNU's base-256 when the first bit is set. */
function numberAt(block: Buffer, at: number, length: number): number {
  const first = block[at] ?? 0;
  if (first & 0x80) {
    let value = first & 0x7f;
    if (first === 0xff) return -1;
    for (let i = at + 1; i < at + length; i++) value = value * 256 + (block[i] ?? 0);
    return value;
  }
  const text = textAt(block, at, length).trim();
  return text === "" ? 0 : Number.parseInt(text, 8);
}
