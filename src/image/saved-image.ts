import { existsSync, readdirSync, realpathSync, statSync } from "node:fs";
import { join, posix, sep } from "node:path";
import { QpodError } from "../base/errors.ts";
import type { ByteSource } from "./byte-source.ts";
import { openUnpacked, readWhole } from "./byte-source.ts";
import { hostArchitecture, isObject, parseImageConfig, parseObject } from "./image-config.ts";
import type { ImageConfig } from "./root-tree.ts";
import { type TarEntry, TarReader } from "./tar-read.ts";
import type { Layer } from "./unpack.ts";

/** The files of a saved image, in a tar file or a folder. */
export interface ImageFiles {
  place: string;
  find(name: string): ByteSource | undefined;
}

export interface SavedImage {
  config: ImageConfig;
  layers: Layer[];
  /** Names the content. */
  digest: string;
}

/** Members of a plain tar file. Symlinks between them, which old `docker save` makes for equal layers, are followed. */
export async function indexTar(source: ByteSource): Promise<ImageFiles> {
  const entries = new Map<string, Pick<TarEntry, "type" | "linkPath" | "offset" | "size">>();
  const reader = new TarReader(source.file, {
    entry: ({ path, type, linkPath, offset, size }) => entries.set(posix.normalize(`/${path}`), { type, linkPath, offset, size }),
  });
  for await (const chunk of openUnpacked(source)) reader.write(chunk);
  reader.finish();
  const find = (name: string, links = 0): ByteSource | undefined => {
    const entry = entries.get(name);
    if (!entry || links > 10) return undefined;
    if (entry.type === "2") return find(posix.resolve(posix.dirname(name), entry.linkPath), links + 1);
    if (entry.type === "1") return find(posix.normalize(`/${entry.linkPath}`), links + 1);
    return { file: source.file, start: source.start + entry.offset, size: entry.size };
  };
  return { place: source.file, find: (name) => find(posix.normalize(`/${name}`)) };
}

/** The files of an OCI layout folder. */
export function indexFolder(folder: string): ImageFiles {
  return {
    place: folder,
    find(name) {
      const file = join(folder, name);
      if (!existsSync(file) || !realpathSync(file).startsWith(realpathSync(folder) + sep)) return undefined;
      return { file, start: 0, size: statSync(file).size };
    },
  };
}

export function isLayoutFolder(folder: string): boolean {
  const names = readdirSync(folder);
  return names.includes("oci-layout") && names.includes("index.json");
}

/** What `docker save` and `podman save` write: manifest.json lists the configuration and the layers. */
export async function readDockerArchive(files: ImageFiles): Promise<SavedImage> {
  const text = (await readNamed(files, "manifest.json")).toString("utf8");
  const images = parseObject(`{"images":${text}}`, files.place).images;
  if (!Array.isArray(images) || !isObject(images[0])) throw damaged(files, "manifest.json lists no image");
  if (images.length > 1)
    throw severalImages(
      files,
      images.map((image) => String(isObject(image) ? image.RepoTags : image)),
    );
  const { Config: configName, Layers: names } = images[0];
  if (typeof configName !== "string" || !Array.isArray(names)) throw damaged(files, "manifest.json names no configuration");
  const config = await readNamed(files, configName);
  const layers = names.map((name) => found(files, String(name)));
  // Docker names the configuration by its digest.
  const digest = configName.match(/[0-9a-f]{64}/)?.[0] ?? configName;
  return { config: parseImageConfig(config.toString("utf8"), files.place), layers, digest: `config:${digest}` };
}

/** An OCI layout: index.json leads to a manifest, which names blobs by digest. */
export async function readOciImage(files: ImageFiles): Promise<SavedImage> {
  const { digest, manifest } = await findManifest(files, await readJson(files, "index.json"), 0);
  if (!isObject(manifest.config) || !Array.isArray(manifest.layers)) throw damaged(files, "its manifest names no layers");
  const config = await readNamed(files, blobName(files, manifest.config.digest));
  const layers = manifest.layers.map((layer) => {
    const name = isObject(layer) ? layer.digest : undefined;
    return { ...found(files, blobName(files, name)), ...(String(name).startsWith("sha256:") ? { digest: String(name) } : {}) };
  });
  return { config: parseImageConfig(config.toString("utf8"), files.place), layers, digest };
}

/** Indexes may hold one image for several architectures, and indexes. */
async function findManifest(
  files: ImageFiles,
  index: Record<string, unknown>,
  depth: number,
): Promise<{ digest: string; manifest: Record<string, unknown> }> {
  const all = (Array.isArray(index.manifests) ? index.manifests : []).filter(isObject);
  const platform = (entry: Record<string, unknown>) => (isObject(entry.platform) ? String(entry.platform.architecture) : undefined);
  // Signatures and build records of newer tools are listed as of architecture "unknown".
  const images = all.filter((entry) => platform(entry) !== "unknown");
  const host = hostArchitecture();
  const fitting = images.filter((entry) => platform(entry) === undefined || platform(entry) === host);
  const chosen = fitting.length > 0 ? fitting : images.slice(0, 1);
  if (chosen.length > 1) throw severalImages(files, chosen.map(nameOf));
  const entry = chosen[0];
  if (!entry || depth > 4) throw damaged(files, "its index lists no image");
  const manifest = await readJson(files, blobName(files, entry.digest));
  if (Array.isArray(manifest.manifests)) return findManifest(files, manifest, depth + 1);
  return { digest: String(entry.digest), manifest };
}

function nameOf(entry: Record<string, unknown>): string {
  const annotations = isObject(entry.annotations) ? entry.annotations : {};
  return String(annotations["io.containerd.image.name"] ?? annotations["org.opencontainers.image.ref.name"] ?? entry.digest);
}

function blobName(files: ImageFiles, digest: unknown): string {
  const [, algorithm, hex] = String(digest).match(/^([a-z0-9]+):([0-9a-f]{32,128})$/) ?? [];
  if (!algorithm) throw damaged(files, `${JSON.stringify(digest)} is no digest`);
  return `blobs/${algorithm}/${hex}`;
}

async function readJson(files: ImageFiles, name: string): Promise<Record<string, unknown>> {
  return parseObject((await readNamed(files, name)).toString("utf8"), files.place);
}

async function readNamed(files: ImageFiles, name: string): Promise<Buffer> {
  return readWhole(found(files, name));
}

function found(files: ImageFiles, name: string): ByteSource {
  const source = files.find(name);
  if (!source) throw damaged(files, `${name} is missing`);
  return source;
}

function damaged(files: ImageFiles, how: string): QpodError {
  return new QpodError({ fact: `the image is damaged: ${how}`, place: { file: files.place }, remedy: "Save or get the image again." });
}

function severalImages(files: ImageFiles, names: string[]): QpodError {
  return new QpodError({
    fact: `the archive holds ${names.length} images: ${names.join(", ")}`,
    place: { file: files.place },
    remedy: "Save the one that is meant alone.",
  });
}
