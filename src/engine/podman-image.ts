import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Progress } from "../base/progress.ts";
import type { Environment } from "../config/environment.ts";
import { run } from "../process/run.ts";
import { type FoundImage, inspectImage, inspectOrFail, makeImage } from "./container-image.ts";
import type { Podman } from "./podman-call.ts";
import { pullImage } from "./podman-pull.ts";

/** Gets the environment's image into podman's store, or finds that it is there. */
export async function obtainImage(
  podman: Podman,
  environment: Environment,
  progress: Progress,
  { data, renew = false }: { data: string; renew?: boolean },
): Promise<FoundImage> {
  const { root } = environment;
  if (root.kind !== "image") return makeImage(podman, environment, progress, renew);
  const here = await inspectImage(podman, root.reference);
  if (here && !renew) return here;
  if (!renew && (await copyFromUsersStore(podman, root.reference, progress))) {
    return { ...(await inspectOrFail(podman, root.reference)), fetchedAs: root.reference };
  }
  const name = await pullImage(podman, root.reference, progress, data);
  const pulled = await inspectOrFail(podman, name);
  return pulled.id === here?.id ? pulled : { ...pulled, fetchedAs: name };
}

/** With a store of our own, an image that the user built or pulled before is not asked of a registry again. */
async function copyFromUsersStore(podman: Podman, reference: string, progress: Progress): Promise<boolean> {
  const { facts } = podman;
  if (facts.storageDriver === facts.givenStorageDriver) return false;
  const there = await run([facts.program, "image", "exists", reference], { env: podman.env });
  if (there.status !== 0) return false;
  progress.step(`copying ${reference} from podman's ${facts.givenStorageDriver} store`);
  const folder = mkdtempSync(join(tmpdir(), "qpod-copy-"));
  try {
    const file = join(folder, "image.tar");
    const saved = await run([facts.program, "save", "--quiet", "--output", file, reference], { env: podman.env });
    if (saved.status !== 0) return false;
    return (await podman.call(["load", "--quiet", "--input", file])).status === 0;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
