import { hasChecksum } from "./tar-read.ts";

export type Compression = "none" | "gzip" | "xz" | "zstd" | "bzip2";

const compressions: [Compression, string][] = [
  ["gzip", "1f8b"],
  ["xz", "fd377a585a00"],
  ["zstd", "28b52ffd"],
  ["bzip2", "425a68"],
];

/** How bytes are compressed, by their first ones; a name says nothing. */
export function detectCompression(head: Buffer): Compression {
  return compressions.find(([, magic]) => head.toString("hex", 0, magic.length / 2) === magic)?.[0] ?? "none";
}

export function looksLikeTar(head: Buffer): boolean {
  if (head.length < 512) return false;
  // A tar file with nothing in it is all zeros.
  return head.subarray(0, 512).every((byte) => byte === 0) || hasChecksum(head);
}

const others: [string, number, string][] = [
  ["a squashfs image", 0, "68737173"],
  ["a zip file", 0, "504b0304"],
  ["a qcow2 disk image", 0, "514649fb"],
  ["an rpm package", 0, "edabeedb"],
  ["a deb package", 0, "213c617263683e"],
  ["an ELF program", 0, "7f454c46"],
  ["a lz4 file", 0, "04224d18"],
  ["a lzma file", 0, "5d000080"],
  ["an ext filesystem image", 1080, "53ef"],
];

/** What a file is that is no archive of ours, as far as its first bytes tell. */
export function nameOther(head: Buffer): string {
  if (head.length === 0) return "an empty file";
  return others.find(([, at, magic]) => head.toString("hex", at, at + magic.length / 2) === magic)?.[0] ?? "no tar file";
}

export type ArchiveKind = "docker" | "oci" | "root";

/**
 * Whether the names at the top of a tar file are those of a saved image or of a root tree. Newer `docker save`
 * writes both forms in one; docker's own is then the one that is surely complete.
 */
export function detectKind(names: Iterable<string>): ArchiveKind {
  const top = new Set([...names].map((name) => name.replace(/^(\.?\/)+/, "")));
  if (top.has("manifest.json")) return "docker";
  return top.has("index.json") && top.has("oci-layout") ? "oci" : "root";
}

/** Names that only saved images have; the first other one settles that it is a root tree. */
export function mayBeImage(name: string): boolean {
  return /^(\.?\/)*([^/]+\.(json|tar|tar\.gz)|oci-layout|repositories|blobs(\/.*)?|[0-9a-f]{64}(\/.*)?|sha256:[0-9a-f]{64}|)$/.test(name);
}
