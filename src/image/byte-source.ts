import { createReadStream } from "node:fs";
import { open } from "node:fs/promises";
import { type Readable, Transform } from "node:stream";
import { createGunzip } from "node:zlib";
import { QpodError } from "../base/errors.ts";
import { type Compression, detectCompression } from "./detect.ts";
import { startPipe } from "./host-tools.ts";

/** A file, or the part of one, that can be read from its start again and again. */
export interface ByteSource {
  file: string;
  start: number;
  size: number;
}

export async function readHead(source: ByteSource, length: number): Promise<Buffer> {
  const handle = await open(source.file);
  try {
    const bytes = Buffer.alloc(Math.min(length, source.size));
    const { bytesRead } = await handle.read(bytes, 0, bytes.length, source.start);
    return bytes.subarray(0, bytesRead);
  } finally {
    await handle.close();
  }
}

/** All of it, for the small files that describe an image. */
export async function readWhole(source: ByteSource, limit = 16 << 20): Promise<Buffer> {
  if (source.size > limit) throw new QpodError({ fact: `a description of ${source.size} bytes is too long`, place: { file: source.file } });
  return readHead(source, source.size);
}

function openRaw(source: ByteSource): Readable {
  return createReadStream(source.file, { start: source.start, end: source.start + Math.max(0, source.size - 1), highWaterMark: 1 << 18 });
}

/**
 * The chunks of a source, unpacked if it is compressed.
 * @param onRaw is told of the bytes as they are read, for progress and checksums.
 */
export async function* openUnpacked(source: ByteSource, onRaw?: (chunk: Buffer) => void): AsyncGenerator<Buffer> {
  if (source.size === 0) return;
  const compression = detectCompression(await readHead(source, 16));
  const raw = onRaw ? watch(openRaw(source), onRaw) : openRaw(source);
  try {
    if (compression === "none") yield* raw as AsyncIterable<Buffer>;
    else if (compression === "gzip") yield* gunzip(raw, source.file);
    else yield* pipeThrough(raw, compression);
  } finally {
    raw.destroy();
  }
}

/** A listener for "data" would make the stream flow before its reader is there. */
function watch(stream: Readable, seen: (chunk: Buffer) => void): Readable {
  const watched = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      seen(chunk);
      done(null, chunk);
    },
  });
  stream.on("error", (error) => watched.destroy(error));
  watched.on("close", () => stream.destroy());
  return stream.pipe(watched);
}

async function* gunzip(raw: Readable, file: string): AsyncGenerator<Buffer> {
  const unzip = createGunzip({ chunkSize: 1 << 18 });
  raw.on("error", (error) => unzip.destroy(error));
  raw.pipe(unzip);
  try {
    yield* unzip as AsyncIterable<Buffer>;
  } catch (error) {
    throw new QpodError({
      fact: `the archive is damaged: ${(error as Error).message}`,
      place: { file },
      remedy: "Get or make the archive again.",
      cause: error,
    });
  } finally {
    unzip.destroy();
  }
}

async function* pipeThrough(raw: Readable, compression: Exclude<Compression, "none" | "gzip">): AsyncGenerator<Buffer> {
  const { stdin, stdout, kill, ended } = await startPipe([compression, "-dc"], "pipe");
  raw.pipe(stdin);
  let complete = false;
  try {
    yield* stdout as AsyncIterable<Buffer>;
    complete = true;
    await ended;
  } finally {
    // A reader that stops early leaves the program blocked in a write.
    if (!complete) kill();
  }
}
