import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { hostArchitecture } from "./image-config.ts";

/** What `skopeo inspect --raw` and `podman manifest inspect` print, as far as it is used. */
export interface Manifest {
  layers?: { size?: number }[];
  manifests?: { digest: string; platform?: { architecture?: string; os?: string } }[];
}

/**
 * Bytes of an image's layers, for the display only; undefined when the registry does not tell.
 * @param read the manifest of the image, or of one of its variants by digest.
 */
export async function sumLayers(read: (digest?: string) => Promise<Manifest>): Promise<number | undefined> {
  const manifest = await read();
  const one = manifest.manifests?.find(({ platform }) => platform?.os === "linux" && platform.architecture === hostArchitecture());
  const { layers } = one ? await read(one.digest) : manifest;
  return layers?.reduce((sum, { size }) => sum + (size ?? 0), 0);
}

/** Bytes of the files below a folder that somebody else fills. */
export function countBytes(folder: string): number {
  try {
    return readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .reduce((sum, entry) => sum + statSync(join(entry.parentPath, entry.name)).size, 0);
  } catch {
    // It is not there yet, or a blob went to its place while we looked.
    return 0;
  }
}

/** "34 of 120 MB". Unpacking begins when all is there, and podman says nothing of how far that is. */
export function sayBytes(done: number, total: number | undefined): string {
  const mega = (bytes: number) => Math.round(bytes / 1e6);
  if (total === undefined) return `${mega(done)} MB`;
  return done >= total ? `${mega(total)} MB are here, unpacking` : `${mega(done)} of ${mega(total)} MB`;
}
