import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { errnoOf, QpodError } from "../base/errors.ts";
import type { Progress } from "../base/progress.ts";
import type { Environment, Root } from "../config/environment.ts";
import { checkArchitecture } from "../image/image-config.ts";
import type { ImageConfig } from "../image/root-tree.ts";
import { type ContainerTool, sayError } from "./container-call.ts";
import { containerName } from "./container-names.ts";

export interface FoundImage {
  id: string;
  /** The name under which it was fetched or made just now, or by an earlier call of ours. */
  fetchedAs?: string;
  config: ImageConfig;
}

/** What makes an image of an environment's root that is none yet, or finds that it was made. */
export async function makeImage(tool: ContainerTool, environment: Environment, progress: Progress, renew = false): Promise<FoundImage> {
  const { root } = environment;
  if (root.kind === "archive") return loadArchive(tool, root.file, environment, progress);
  if (root.kind === "containerfile") return buildImage(tool, root, environment, progress, renew);
  throw new QpodError({
    fact: `${tool.name} cannot use a root of the kind "${root.kind}"`,
    place: environment.place,
    remedy: `Remove the line "engine: ${tool.name}".`,
  });
}

/** An image archive is loaded, a root tarball imported; at most once for each state of the file. */
async function loadArchive(tool: ContainerTool, file: string, environment: Environment, progress: Progress): Promise<FoundImage> {
  const { size, state } = statArchive(file, environment);
  const name = `localhost/qpod/archive:${state}`;
  const here = await inspectImage(tool, name);
  if (here) return { ...here, fetchedAs: name };
  const failure = `${tool.name} cannot load ${file}`;
  // The reader of archives brings decompression along, which a start of a container is not to wait for.
  const { detectArchive } = await import("../image/archive.ts");
  if (size !== undefined && (await detectArchive({ file, start: 0, size })) === "root") {
    progress.step(`importing ${file}`);
    await tool.callOrFail(["import", file, name], failure);
  } else {
    progress.step(`loading ${file}`);
    const said = await tool.callOrFail(["load", "--input", file], failure);
    const image = /^Loaded image(?:\(s\)|s)?(?: ID)?: *(?:sha256:)?([^\s,]+)/m.exec(said)?.[1];
    if (!image) throw new QpodError({ fact: `${failure}: it does not say what it loaded`, place: { file } });
    await tool.callOrFail(["tag", image, name], `${tool.name} cannot name the image of ${file}`);
  }
  return { ...(await inspectOrFail(tool, name)), fetchedAs: name };
}

async function buildImage(
  tool: ContainerTool,
  root: Extract<Root, { kind: "containerfile" }>,
  environment: Environment,
  progress: Progress,
  renew: boolean,
): Promise<FoundImage> {
  progress.step(`building ${root.file}`);
  const folder = mkdtempSync(join(tmpdir(), "qpod-build-"));
  try {
    const idFile = join(folder, "id");
    // The network of pods is the host's; podman's own for ordinary users needs more (slirp4netns, a tun device).
    const fresh = renew ? ["--pull", "--no-cache"] : [];
    const result = await tool.call(["build", "--network=host", ...fresh, "--iidfile", idFile, "--file", root.file, root.context], {
      lines: "both",
      onLine: (line) => /^STEP /i.test(line) && progress.update(line),
    });
    if (result.status !== 0) {
      throw new QpodError({
        fact: `building ${root.file} failed: ${sayError(result.stderr)}`,
        place: environment.place,
        remedy: `See all of it: ${tool.name} build --network=host --file ${root.file} ${root.context}`,
      });
    }
    const id = readFileSync(idFile, "utf8").trim();
    return { ...(await inspectOrFail(tool, id)), fetchedAs: id };
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

export async function inspectImage(tool: ContainerTool, name: string): Promise<FoundImage | undefined> {
  const result = await tool.call(["image", "inspect", name]);
  return result.status === 0 ? readInspection(result.stdout) : undefined;
}

export async function inspectOrFail(tool: ContainerTool, name: string): Promise<FoundImage> {
  const found = await inspectImage(tool, name);
  if (!found) throw new QpodError({ fact: `${tool.name} has lost the image ${name} that it just stored` });
  checkArchitecture(found.config.architecture, name);
  return found;
}

/** What `image inspect` prints, as far as it is used. */
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

/**
 * Removes an image that qpod fetched or made. One that something else uses, or that the user has named too, stays.
 * @returns its size, layers that it shares with others included.
 */
export async function discardImage(
  tool: ContainerTool,
  root: { imageId?: string; fetchedAs?: string },
  { dryRun, gone }: { dryRun: boolean; gone: readonly string[] },
): Promise<number> {
  if (!root.imageId || !root.fetchedAs) return 0;
  const { status, stdout } = await tool.call(["image", "inspect", root.imageId]);
  const [image] = status === 0 ? (JSON.parse(stdout) as { Size?: number; RepoTags?: string[] | null }[]) : [];
  // What an update took its name from is left with its id alone.
  const names = image?.RepoTags ?? [];
  if (!image || names.some((name) => name !== root.fetchedAs)) return 0;
  const users = await tool.call(["ps", "--all", "--filter", `ancestor=${root.imageId}`, "--format", "{{.Names}}"]);
  const others = users.stdout.split("\n").filter((name) => name !== "" && !gone.some((id) => containerName(id) === name));
  if (others.length > 0) return 0;
  if (dryRun) return image.Size ?? 0;
  const removed = await tool.call(["image", "rm", root.imageId]);
  return removed.status === 0 ? (image.Size ?? 0) : 0;
}
