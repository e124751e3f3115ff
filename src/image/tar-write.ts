import type { TarEntry } from "./tar-read.ts";

export interface Written {
  /** The name inside the tree, without a leading slash; latin1 bytes. */
  path: string;
  type: string;
  linkPath?: string;
  uid: number;
  gid: number;
}

/**
 * The header of an entry under another name and owner. Size, times and the map of a sparse file stay as they
 * are. Of the extended attributes only file capabilities pass: those of overlayfs would mean something to
 * the kernel where the tree is mounted.
 */
export function encodeEntry(entry: TarEntry, as: Written): Buffer {
  const records = new Map<string, string>();
  for (const [key, value] of entry.pax) if (keeps(key)) records.set(key, value);
  if (entry.pax.has("GNU.sparse.name")) records.set("GNU.sparse.name", as.path);
  const header = Buffer.from(entry.header);
  // In the old GNU format the prefix' field holds the map of a sparse file.
  if (as.type !== "S") header.fill(0, 345, 500);
  header.write(as.type, 156, 1, "latin1");
  putText(header, 0, as.path, "path", records);
  putText(header, 157, as.linkPath ?? "", "linkpath", records);
  putNumber(header, 108, as.uid, "uid", records);
  putNumber(header, 116, as.gid, "gid", records);
  header.fill(0, 265, 329); // The owners' names: only numbers count.
  if (as.type === "1") {
    putSize(header, 0);
    records.delete("size");
    for (const key of records.keys()) if (key.startsWith("GNU.sparse.")) records.delete(key);
  }
  seal(header);
  return records.size === 0 ? header : Buffer.concat([encodePax(records), header]);
}

/** A folder that is named in paths but has no entry of its own. */
export function plainFolder(): TarEntry {
  const header = Buffer.alloc(512);
  header.write("0000755\0", 100, "latin1");
  putSize(header, 0);
  header.write("00000000000\0", 136, "latin1");
  header.write("ustar\x0000", 257, "latin1");
  return { path: "", type: "5", linkPath: "", mode: 0o755, uid: 0, gid: 0, size: 0, header, pax: new Map(), offset: 0 };
}

/** Zeros after data of that size, up to the next block. */
export function padding(size: number): Buffer {
  return Buffer.alloc((512 - (size % 512)) % 512);
}

export const endOfTar = Buffer.alloc(1024);

function keeps(key: string): boolean {
  return (
    key === "mtime" ||
    key === "size" ||
    key === "SCHILY.xattr.security.capability" ||
    (key.startsWith("GNU.sparse.") && key !== "GNU.sparse.name")
  );
}

function putText(header: Buffer, at: number, text: string, key: string, records: Map<string, string>): void {
  header.fill(0, at, at + 100);
  header.write(text.slice(0, 100), at, "latin1");
  if (text.length > 100 || /[^\x20-\x7e]/.test(text)) records.set(key, text);
}

function putNumber(header: Buffer, at: number, value: number, key: string, records: Map<string, string>): void {
  const fits = value < 0o10000000;
  header.write(`${(fits ? value : 0).toString(8).padStart(7, "0")}\0`, at, "latin1");
  if (!fits) records.set(key, String(value));
}

function putSize(header: Buffer, size: number): void {
  header.write(`${size.toString(8).padStart(11, "0")}\0`, 124, "latin1");
}

function seal(header: Buffer): void {
  header.fill(32, 148, 156);
  let sum = 0;
  for (let i = 0; i < 512; i++) sum += header[i] ?? 0;
  header.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148, "latin1");
}

function encodePax(records: Map<string, string>): Buffer {
  const body = Buffer.from([...records].map(([key, value]) => paxLine(key, value)).join(""), "latin1");
  const header = Buffer.alloc(512);
  header.write("pax", 0, "latin1");
  header.write("0000644\0" + "0000000\0" + "0000000\0", 100, "latin1");
  putSize(header, body.length);
  header.write("00000000000\0", 136, "latin1");
  header.write("x", 156, "latin1");
  header.write("ustar\x0000", 257, "latin1");
  seal(header);
  return Buffer.concat([header, body, padding(body.length)]);
}

/** The length counts its own digits. */
function paxLine(key: string, value: string): string {
  const rest = ` ${key}=${value}\n`;
  let length = rest.length;
  while (String(length).length + rest.length !== length) length = String(length).length + rest.length;
  return `${length}${rest}`;
}
