import { mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Progress } from "../base/progress.ts";
import { registryOf, tlsOptions } from "./podman-arguments.ts";
import type { Podman } from "./podman-call.ts";
import { imageError } from "./podman-errors.ts";

/**
 * Pulls an image, and says how far it is. podman shows no numbers without a terminal, so the blobs are counted
 * where it puts them first: in a temporary folder that is given to it.
 */
export async function pullImage(podman: Podman, reference: string, progress: Progress, data: string): Promise<void> {
  progress.step(`pulling ${reference}`);
  mkdirSync(data, { recursive: true, mode: 0o700 });
  const folder = mkdtempSync(join(data, "pull-"));
  let total: number | undefined;
  void readSize(podman, reference).then((size) => (total = size));
  const timer = setInterval(() => progress.update(sayBytes(countBytes(folder), total)), 200);
  try {
    const result = await podman.call(["pull", ...tlsOptions(registryOf(reference)), reference], { env: { TMPDIR: folder } });
    if (result.status !== 0) throw imageError(reference, result.stderr);
  } finally {
    clearInterval(timer);
    rmSync(folder, { recursive: true, force: true });
  }
}

/** "34 of 120 MB"; what is fetched may turn out more than the layers' sum by the configuration. */
export function sayBytes(done: number, total: number | undefined): string {
  const mega = (bytes: number) => Math.round(bytes / 1e6);
  return total === undefined ? `${mega(done)} MB` : `${Math.min(mega(done), mega(total))} of ${mega(total)} MB`;
}

function countBytes(folder: string): number {
  try {
    return readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .reduce((sum, entry) => sum + statSync(join(entry.parentPath, entry.name)).size, 0);
  } catch {
    // A blob went to its place while we looked.
    return 0;
  }
}

interface Manifest {
  layers?: { size?: number }[];
  manifests?: { digest: string; platform?: { architecture?: string; os?: string } }[];
}

/** The sum of the layers, for the display only: when it cannot be had, the bytes alone are shown. */
async function readSize(podman: Podman, reference: string): Promise<number | undefined> {
  const read = async (name: string): Promise<Manifest> => {
    const result = await podman.call(["manifest", "inspect", ...tlsOptions(registryOf(reference)), name]);
    return result.status === 0 ? (JSON.parse(result.stdout) as Manifest) : {};
  };
  try {
    let manifest = await read(reference);
    const here = { x64: "amd64", arm64: "arm64" }[process.arch as string] ?? process.arch;
    const one = manifest.manifests?.find(({ platform }) => platform?.os === "linux" && platform.architecture === here);
    if (one) manifest = await read(`${reference.replace(/(:[^/:]*)?(@.*)?$/, "")}@${one.digest}`);
    return manifest.layers?.reduce((sum, { size }) => sum + (size ?? 0), 0);
  } catch {
    return undefined;
  }
}
