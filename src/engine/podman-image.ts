import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { errnoOf, QpodError } from "../base/errors.ts";
import type { Progress } from "../base/progress.ts";
import type { Environment, Root } from "../config/environment.ts";
import { detectArchive } from "../image/archive.ts";
import { checkArchitecture } from "../image/image-config.ts";
import type { ImageConfig } from "../image/root-tree.ts";
import { lastWords, run } from "../process/run.ts";
import type { Podman } from "./podman-call.ts";
import { pullImage } from "./podman-pull.ts";

export interface FoundImage {
  id: string;
  config: ImageConfig;
}

/** Gets the environment's image into podman's store, or finds that it is there. */
export async function obtainImage(podman: Podman, environment: Environment, progress: Progress, data: string): Promise<FoundImage> {
  const { root } = environment;
  switch (root.kind) {
    case "image":
      return obtainByReference(podman, root.reference, progress, data);
    case "archive":
      return loadArchive(podman, root.file, environment, progress);
    case "containerfile":
      return buildImage(podman, root, environment, progress);
    default:
      throw new QpodError({
        fact: `podman cannot use a root of the kind "${root.kind}"`,
        place: environment.place,
        remedy: 'Remove the line "engine: podman".',
      });
  }
}

async function obtainByReference(podman: Podman, reference: string, progress: Progress, data: string): Promise<FoundImage> {
  const here = await inspectImage(podman, reference);
  if (here) return here;
  if (await copyFromUsersStore(podman, reference, progress)) return inspectOrFail(podman, reference);
  return inspectOrFail(podman, await pullImage(podman, reference, progress, data));
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

/** An image archive is loaded, a root tarball imported; at most once for each state of the file. */
async function loadArchive(podman: Podman, file: string, environment: Environment, progress: Progress): Promise<FoundImage> {
  const { size, state } = statArchive(file, environment);
  const name = `localhost/qpod/archive:${state}`;
  const here = await inspectImage(podman, name);
  if (here) return here;
  const failure = `podman cannot load ${file}`;
  if (size !== undefined && (await detectArchive({ file, start: 0, size })) === "root") {
    progress.step(`importing ${file}`);
    await podman.callOrFail(["import", "--quiet", file, name], failure);
  } else {
    progress.step(`loading ${file}`);
    const said = await podman.callOrFail(["load", "--input", file], failure);
    const image = /^Loaded image(?:\(s\)|s)?: *(?:sha256:)?([^\s,]+)/m.exec(said)?.[1];
    if (!image) throw new QpodError({ fact: `${failure}: it does not say what it loaded`, place: { file } });
    await podman.callOrFail(["tag", image, name], `podman cannot name the image of ${file}`);
  }
  return inspectOrFail(podman, name);
}

async function buildImage(
  podman: Podman,
  root: Extract<Root, { kind: "containerfile" }>,
  environment: Environment,
  progress: Progress,
): Promise<FoundImage> {
  progress.step(`building ${root.file}`);
  const folder = mkdtempSync(join(tmpdir(), "qpod-build-"));
  try {
    const idFile = join(folder, "id");
    // The network of pods is the host's; podman's own for ordinary users needs more (slirp4netns, a tun device).
    const result = await podman.call(["build", "--network=host", "--iidfile", idFile, "--file", root.file, root.context], {
      lines: "both",
      onLine: (line) => /^STEP /.test(line) && progress.update(line),
    });
    if (result.status !== 0) {
      throw new QpodError({
        fact: `building ${root.file} failed: ${lastWords(result.stderr).replace(/^Error: /, "")}`,
        place: environment.place,
        remedy: `See all of it: podman build --network=host --file ${root.file} ${root.context}`,
      });
    }
    return await inspectOrFail(podman, readFileSync(idFile, "utf8").trim());
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** An OCI layout is a folder, which has no size. */
function statArchive(file: string, environment: Environment): { size: number | undefined; state: string } {
  try {
    const info = statSync(file);
    const state = createHash("sha256").update(`${file}\0${info.size}\0${info.mtimeMs}`).digest("hex").slice(0, 20);
    return { size: info.isDirectory() ? undefined : info.size, state };
  } catch (error) {
    throw new QpodError({ fact: `cannot read ${file}: ${errnoOf(error)}`, place: environment.place, cause: error });
  }
}

async function inspectImage(podman: Podman, name: string): Promise<FoundImage | undefined> {
  const result = await podman.call(["image", "inspect", "--format", "json", name]);
  return result.status === 0 ? readInspection(result.stdout) : undefined;
}

async function inspectOrFail(podman: Podman, name: string): Promise<FoundImage> {
  const found = await inspectImage(podman, name);
  if (!found) throw new QpodError({ fact: `podman has lost the image ${name} that it just stored` });
  checkArchitecture(found.config.architecture, name);
  return found;
}

/** What `podman image inspect` prints, as far as it is used. */
export function readInspection(json: string): FoundImage {
  const [image] = JSON.parse(json) as [{ Id: string; Architecture?: string; Config?: { Env?: string[] | null; WorkingDir?: string } }];
  const pairs = (image.Config?.Env ?? []).map((line): [string, string] => {
    const equals = line.indexOf("=");
    return equals < 0 ? [line, ""] : [line.slice(0, equals), line.slice(equals + 1)];
  });
  return {
    id: image.Id,
    config: {
      env: Object.fromEntries(pairs),
      ...(image.Config?.WorkingDir ? { workdir: image.Config.WorkingDir } : {}),
      ...(image.Architecture ? { architecture: image.Architecture } : {}),
    },
  };
}
