import { createHash } from "node:crypto";
import { once } from "node:events";
import { QpodError } from "../base/errors.ts";
import type { Progress } from "../base/progress.ts";
import { asNamespaceRoot, countIds, type IdMaps } from "../launch/user-namespace.ts";
import { type ByteSource, openUnpacked } from "./byte-source.ts";
import { type Pipe, startPipe } from "./host-tools.ts";
import { LayerPlan, type Unpacking } from "./layer-plan.ts";
import { type TarEntry, TarReader } from "./tar-read.ts";
import { encodeEntry, endOfTar, padding, plainFolder } from "./tar-write.ts";

export interface Layer extends ByteSource {
  /** `sha256:...` of its bytes as they lie there, if it is known. */
  digest?: string;
}

export interface UnpackOptions {
  /** The archive, for errors. */
  place: string;
  /** False for a root tarball, where `.wh.x` is only a name. */
  whiteouts: boolean;
  maps: IdMaps;
  progress: Progress;
}

/**
 * Applies layers to an empty folder. They are read twice: first their headers, to find what the tree will be,
 * then one tar stream of only that goes to the host's tar, which runs as root of the user's namespace.
 */
export async function unpackLayers(layers: Layer[], tree: string, options: UnpackOptions): Promise<void> {
  const say = meter(layers, options.progress);
  const plan = new LayerPlan(options.place, options.whiteouts);
  for (const [number, layer] of layers.entries()) await readHeaders(layer, number, plan, options.place, say);
  const unpacking = plan.finish();
  const owner = ownerOf(options.maps);
  const tar = await startPipe(asNamespaceRoot(tarCommand(tree, options.maps), options.maps), "null", "tar");
  try {
    await writeFolders(unpacking, owner, tar);
    for (const [number, layer] of layers.entries()) await writeFiles(layer, number, unpacking, owner, tar, options.place, say);
    await send(tar, [endOfTar]);
    tar.stdin.end();
  } catch (error) {
    tar.stdin.destroy();
    tar.kill();
    throw error;
  }
  await tar.ended;
}

async function readHeaders(layer: Layer, number: number, plan: LayerPlan, place: string, say: (bytes: number) => void): Promise<void> {
  const hash = layer.digest ? createHash("sha256") : undefined;
  let index = 0;
  const reader = new TarReader(place, { entry: (entry) => plan.add(entry, number, index++) });
  for await (const chunk of openUnpacked(layer, (raw) => {
    hash?.update(raw);
    say(raw.length);
  })) {
    reader.write(chunk);
  }
  reader.finish();
  if (hash && `sha256:${hash.digest("hex")}` !== layer.digest) {
    throw new QpodError({
      fact: `the archive is damaged: a layer is not the one with digest ${layer.digest}`,
      place: { file: place },
      remedy: "Get or make the archive again.",
    });
  }
}

type Owner = (entry: TarEntry) => { uid: number; gid: number };

async function writeFolders(unpacking: Unpacking, owner: Owner, tar: Pipe): Promise<void> {
  for (const { path, entry = plainFolder() } of unpacking.folders) {
    await send(tar, [encodeEntry(entry, { path: `${path}/`, type: "5", ...owner(entry) })]);
  }
}

async function writeFiles(
  layer: Layer,
  number: number,
  unpacking: Unpacking,
  owner: Owner,
  tar: Pipe,
  place: string,
  say: (bytes: number) => void,
): Promise<void> {
  let out: Buffer[] = [];
  let index = 0;
  let writing = false;
  let after: Buffer[] = [];
  const reader = new TarReader(place, {
    entry(entry) {
      const [path, ...others] = unpacking.pathsOf(number, index++);
      writing = path !== undefined;
      after = [];
      if (path === undefined) return;
      const as = { type: entry.type, linkPath: entry.type === "2" ? entry.linkPath : "", ...owner(entry) };
      out.push(encodeEntry(entry, { path, ...as }));
      const again = entry.type === "2" ? as : { ...as, type: "1", linkPath: path };
      after = [padding(entry.size), ...others.map((other) => encodeEntry(entry, { path: other, ...again }))];
    },
    data(chunk) {
      if (writing) out.push(chunk);
    },
    end() {
      out.push(...after);
    },
  });
  for await (const chunk of openUnpacked(layer, (raw) => say(raw.length))) {
    reader.write(chunk);
    await send(tar, out);
    out = [];
  }
  reader.finish();
  await send(tar, out);
}

/** A tar that died is noticed here: its stdin never drains. */
async function send(tar: Pipe, chunks: Buffer[]): Promise<void> {
  const { stdin } = tar;
  let ready = true;
  for (const chunk of chunks) ready = stdin.write(chunk);
  if (ready && !stdin.destroyed) return;
  if (stdin.destroyed) await tar.ended;
  else await Promise.race([once(stdin, "drain"), tar.ended]);
}

function tarCommand(tree: string, maps: IdMaps): [string, ...string[]] {
  return [
    "tar",
    "--extract",
    "--file=-",
    `--directory=${tree}`,
    "--preserve-permissions",
    "--delay-directory-restore",
    "--numeric-owner",
    maps.ownership === "single" ? "--no-same-owner" : "--same-owner",
    ...(maps.ownership === "real" ? ["--xattrs", "--xattrs-include=security.capability"] : []),
  ];
}

/** An id that the namespace does not have cannot be given to a file. */
function ownerOf(maps: IdMaps): Owner {
  const [uids, gids] = [countIds(maps.uidMap), countIds(maps.gidMap)];
  const clamp = (id: number, count: number) => (id >= 0 && id < count ? id : count > 65534 ? 65534 : 0);
  return ({ uid, gid }) => ({ uid: clamp(uid, uids), gid: clamp(gid, gids) });
}

function meter(layers: Layer[], progress: Progress): (bytes: number) => void {
  const total = 2 * layers.reduce((sum, layer) => sum + layer.size, 0);
  let done = 0;
  let shown = -1;
  return (bytes) => {
    done += bytes;
    const percent = Math.floor((100 * done) / Math.max(1, total));
    if (percent !== shown) progress.update(`${percent} %`);
    shown = percent;
  };
}
