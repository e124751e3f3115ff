import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { QpodError } from "../base/errors.ts";
import type { Progress } from "../base/progress.ts";
import { findTool } from "../image/host-tools.ts";
import { countBytes, type Manifest, sayBytes, sumLayers } from "../image/pull-size.ts";
import { formatReference, parseReference, type Reference } from "../image/reference.ts";
import { tlsOptions } from "../image/registry.ts";
import { pullError } from "../image/registry-errors.ts";
import { nameCaller } from "../launch/caller.ts";
import { run } from "../process/run.ts";
import type { Podman } from "./podman-call.ts";

/**
 * Pulls an image, and says how far it is. podman shows no numbers without a terminal, so the blobs are counted
 * where it puts them first: in a temporary folder that is given to it.
 */
export async function pullImage(podman: Podman, text: string, progress: Progress, data: string): Promise<string> {
  const reference = parseReference(text);
  const name = formatReference(reference);
  progress.step(`pulling ${name}`);
  mkdirSync(data, { recursive: true, mode: 0o700 });
  const folder = mkdtempSync(join(data, `pull-${nameCaller()}-`));
  let total: number | undefined;
  const read = (digest?: string) => readManifest(podman, digest === undefined ? reference : { ...reference, digest });
  void sumLayers(read).then(
    (size) => (total = size),
    () => {},
  );
  const timer = setInterval(() => progress.update(sayBytes(countBytes(folder), total)), 200);
  try {
    const result = await podman.call(["pull", ...tlsOptions(reference.registry), name], { env: { TMPDIR: folder } });
    if (result.status !== 0) throw idsError(name, result.stderr) ?? pullError(reference, result.stderr);
    return name;
  } finally {
    clearInterval(timer);
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Only an ordinary user's podman says so, and only of images with files of many owners. */
function idsError(name: string, stderr: string): QpodError | undefined {
  if (!/insufficient UIDs or GIDs|lchown .*invalid argument/i.test(stderr)) return undefined;
  return new QpodError({
    fact: `${name} has files of owners that you have no ids for`,
    remedy: "`qpod doctor` says how to get subordinate ids; then run `podman system migrate`.",
  });
}

/** podman's own `manifest inspect` got its option for plain HTTP late, so skopeo is asked where there is one. */
async function readManifest(podman: Podman, reference: Reference): Promise<Manifest> {
  const name = formatReference(reference);
  const skopeo = findTool("skopeo");
  const result = skopeo
    ? await run([skopeo, "inspect", "--raw", ...tlsOptions(reference.registry), `docker://${name}`], { env: podman.env })
    : await podman.call(["manifest", "inspect", name]);
  return JSON.parse(result.stdout) as Manifest;
}
