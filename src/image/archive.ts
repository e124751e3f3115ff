import { createWriteStream, statSync } from "node:fs";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { errnoOf, QpodError } from "../base/errors.ts";
import type { Progress } from "../base/progress.ts";
import type { IdMaps } from "../launch/user-namespace.ts";
import { type ByteSource, openUnpacked, readHead } from "./byte-source.ts";
import { type ArchiveKind, detectCompression, detectKind, looksLikeTar, mayBeImage, nameOther } from "./detect.ts";
import { checkArchitecture } from "./image-config.ts";
import type { ImageConfig } from "./root-tree.ts";
import { indexFolder, indexTar, isLayoutFolder, readDockerArchive, readOciImage, type SavedImage } from "./saved-image.ts";
import { TarReader } from "./tar-read.ts";
import { unpackLayers } from "./unpack.ts";

export interface UnpackedArchive {
  config: ImageConfig;
  /** Names the content, when the archive says it. */
  digest: string | undefined;
}

export interface ArchiveOptions {
  maps: IdMaps;
  progress: Progress;
  /** A folder for what is only needed on the way; it exists. */
  scratch: string;
}

/** Unpacks a root tarball, a docker archive, or an OCI archive or layout folder into an empty folder. */
export async function unpackArchive(file: string, tree: string, options: ArchiveOptions): Promise<UnpackedArchive> {
  const info = statArchive(file);
  if (info.isDirectory()) {
    if (!isLayoutFolder(file)) {
      throw new QpodError({
        fact: "this folder is no OCI layout",
        place: { file },
        remedy: "For a folder that holds a root filesystem, use `rootfs:`.",
      });
    }
    return unpackImage(await readOciImage(indexFolder(file)), file, tree, options);
  }
  const source: ByteSource = { file, start: 0, size: info.size };
  const kind = await detectArchive(source);
  if (kind === "root") {
    await unpackLayers([source], tree, { ...options, place: file, whiteouts: false });
    return { config: { env: {} }, digest: undefined };
  }
  const files = await indexTar(await makeSeekable(source, options.scratch));
  const image = kind === "docker" ? await readDockerArchive(files) : await readOciImage(files);
  return unpackImage(image, file, tree, options);
}

async function unpackImage(image: SavedImage, file: string, tree: string, options: ArchiveOptions): Promise<UnpackedArchive> {
  checkArchitecture(image.config.architecture, `the image in ${file}`);
  await unpackLayers(image.layers, tree, { ...options, place: file, whiteouts: true });
  return { config: image.config, digest: image.digest };
}

/** What an archive is, by its content. */
export async function detectArchive(source: ByteSource): Promise<ArchiveKind> {
  const names: string[] = [];
  let settled = false;
  const reader = new TarReader(source.file, {
    entry({ path }) {
      names.push(path);
      settled ||= !mayBeImage(path);
    },
  });
  let first = true;
  for await (const chunk of openUnpacked(source)) {
    if (first && !looksLikeTar(await firstBlock(source, chunk))) throw await notAnArchive(source);
    first = false;
    reader.write(chunk);
    if (settled) return "root";
  }
  if (first) throw await notAnArchive(source);
  reader.finish();
  if (names.length === 0) throw new QpodError({ fact: "the archive is empty", place: { file: source.file } });
  return detectKind(names);
}

/** A chunk may be shorter than a block, as programs write what they like. */
async function firstBlock(source: ByteSource, chunk: Buffer): Promise<Buffer> {
  if (chunk.length >= 512) return chunk;
  let bytes = Buffer.alloc(0);
  for await (const part of openUnpacked(source)) {
    bytes = Buffer.concat([bytes, part]);
    if (bytes.length >= 512) break;
  }
  return bytes;
}

async function notAnArchive(source: ByteSource): Promise<QpodError> {
  const head = await readHead(source, 2048);
  const packed = detectCompression(head);
  const what = packed === "none" ? nameOther(head) : `${packed} data, but no tar file within`;
  return new QpodError({
    fact: `this is ${what}`,
    place: { file: source.file },
    remedy: "`archive:` takes a tar file of a root filesystem, or what `docker save`, `podman save` or `skopeo copy` write.",
  });
}

/** The members of a compressed file cannot be jumped to. */
async function makeSeekable(source: ByteSource, scratch: string): Promise<ByteSource> {
  if (detectCompression(await readHead(source, 16)) === "none") return source;
  const file = join(scratch, "image.tar");
  await pipeline(Readable.from(openUnpacked(source)), createWriteStream(file));
  return { file, start: 0, size: statSync(file).size };
}

function statArchive(file: string) {
  try {
    return statSync(file);
  } catch (cause) {
    const missing = errnoOf(cause) === "ENOENT";
    throw new QpodError({
      fact: missing ? "there is no such archive" : `cannot read the archive: ${errnoOf(cause) ?? cause}`,
      place: { file },
      cause,
    });
  }
}
