import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { errnoOf, QpodError } from "../base/errors.ts";
import type { Progress } from "../base/progress.ts";
import type { Environment, Root } from "../config/environment.ts";
import type { ImageConfig } from "../image/root-tree.ts";
import { lastWords, run } from "../process/run.ts";
import type { Podman } from "./podman-call.ts";
import { pullImage } from "./podman-pull.ts";

export interface FoundImage {
  id: string;
  config: ImageConfig;
}

/** Gets the environment's image into podman's store, or finds that it is there. */
export async function obtainImage(
  podman: Podman,
  environment: Environment,
  progress: Progress,
  data: string,
): Promise<FoundImage> {
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
  if (!(await copyFromUsersStore(podman, reference, progress))) await pullImage(podman, reference, progress, data);
  return inspectOrFail(podman, reference);
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

/** A docker or OCI archive is loaded, anything else imported as a root tarball; at most once for each state of the file. */
async function loadArchive(podman: Podman, file: string, environment: Environment, progress: Progress): Promise<FoundImage> {
  const name = `localhost/qpod/archive:${stateOf(file, environment)}`;
  const here = await inspectImage(podman, name);
  if (here) return here;
  progress.step(`loading ${file}`);
  const loaded = await podman.call(["load", "--input", file]);
  const image = /^Loaded image(?:\(s\)|s)?: *(\S+)/m.exec(loaded.stdout)?.[1]?.split(",")[0];
  if (loaded.status === 0 && image) {
    await podman.callOrFail(["tag", image.replace(/^sha256:/, ""), name], `cannot name the image of ${file}`);
    return inspectOrFail(podman, name);
  }
  const imported = await podman.call(["import", "--quiet", file, name]);
  if (imported.status === 0) return inspectOrFail(podman, name);
  throw new QpodError({
    fact: `${file} is neither an image archive nor a root tarball: ${lastWords(imported.stderr).replace(/^Error: /, "")}`,
    place: environment.place,
    remedy: "Make one with `podman save`, `docker save` or `tar -C ROOT -c .`.",
  });
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
    const result = await podman.call(["build", "--iidfile", idFile, "--file", root.file, root.context], {
      lines: "both",
      onLine: (line) => /^STEP /.test(line) && progress.update(line),
    });
    if (result.status !== 0) {
      throw new QpodError({
        fact: `building ${root.file} failed: ${lastWords(result.stderr).replace(/^Error: /, "")}`,
        place: environment.place,
        remedy: `See all of it: podman build --file ${root.file} ${root.context}`,
      });
    }
    return await inspectOrFail(podman, readFileSync(idFile, "utf8").trim());
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function stateOf(file: string, environment: Environment): string {
  try {
    const info = statSync(file);
    return createHash("sha256").update(`${file}\0${info.size}\0${info.mtimeMs}`).digest("hex").slice(0, 20);
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
  return found;
}

/** What `podman image inspect` prints, as far as it is used. */
export function readInspection(json: string): FoundImage {
  const [image] = JSON.parse(json) as [
    { Id: string; Architecture?: string; Config?: { Env?: string[] | null; WorkingDir?: string } },
  ];
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
