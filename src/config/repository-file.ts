import { dirname, join } from "node:path";
import { QpodError } from "../base/errors.ts";
import { homeFolder } from "../base/paths.ts";
import { visible } from "../base/text.ts";
import { type Binding, findPatternFault, orderBindings } from "../repo/binding.ts";
import { readSmallFile } from "../repo/small-file.ts";
import type { Mistake } from "./config-error.ts";
import { convertEnvironment } from "./convert.ts";
import type { Environment } from "./environment.ts";
import { checkShape, findRootMistakes } from "./read.ts";
import { makeShapes } from "./schema.ts";
import { hashContent, judgeFile, type Trust } from "./trust.ts";
import { parseYaml, type YamlFile } from "./yaml-file.ts";

/** A committed `.qpod.yaml`. */
export interface RepositoryFile {
  bindings: Binding[];
  environments: Map<string, Environment>;
}

/** Its bytes, unread: what a repository says is looked at only once the user has allowed it. */
export interface JudgedFile {
  path: string;
  content: Buffer;
  sha256: string;
  trust: Trust;
}

export function repositoryFilePath(root: string): string {
  return join(root, ".qpod.yaml");
}

/** Finds a work tree's file and what the user said of it. Content and verdict are of the same bytes. */
export function judgeRepositoryFile(root: string, state: string): JudgedFile | undefined {
  const path = repositoryFilePath(root);
  const content = readSmallFile(path, { noLink: true });
  if (content === undefined) return undefined;
  const sha256 = hashContent(content);
  return { path, content, sha256, trust: judgeFile(state, path, sha256) };
}

/** Reads the content of a `.qpod.yaml`. All its mistakes are reported at once. */
export async function parseRepositoryFile(content: string | Uint8Array, file: string, home = homeFolder()): Promise<RepositoryFile> {
  const yaml = await parseYaml(Buffer.from(content), file);
  const { repository } = await makeShapes();
  const data = await checkShape(repository, yaml, (data) => findMistakes(data, yaml));
  const environments = new Map<string, Environment>();
  for (const [name, definition] of Object.entries(data.environments ?? {})) {
    const place = yaml.locate(["environments", name], true);
    environments.set(name, convertEnvironment(definition, name, place, { folder: dirname(file), home }));
  }
  const bindings = (data.bindings ?? []).map(({ branch, environment }) => ({ environment, branch: branch ?? "" }));
  if (data.environment !== undefined) bindings.push({ environment: data.environment, branch: "" });
  return { bindings: orderBindings(bindings), environments };
}

function findMistakes(data: Record<string, unknown>, yaml: YamlFile): Mistake[] {
  const mistakes: Mistake[] = [];
  const bindings = Array.isArray(data.bindings) ? data.bindings : [];
  if (data.environment === undefined && bindings.length === 0) {
    mistakes.push({
      fact: "the file binds the repository to no environment",
      place: yaml.locate([]),
      remedy: "Give `environment: NAME`, or `bindings:`.",
    });
  }
  const seen = new Set<string>(data.environment === undefined ? [] : [""]);
  for (const [index, binding] of bindings.entries()) {
    const branch = (Object(binding) as Record<string, unknown>).branch ?? "";
    if (typeof branch !== "string") continue;
    const place = yaml.locate(["bindings", index, "branch"]);
    const fault = findPatternFault(branch);
    if (fault) mistakes.push({ fact: `the pattern "${visible(branch)}" cannot be used: ${fault}`, place });
    if (seen.has(branch))
      mistakes.push({
        fact: branch ? `"${visible(branch)}" is bound twice` : "all other branches are bound twice",
        place,
        remedy: "Keep one of them.",
      });
    seen.add(branch);
  }
  for (const [name, definition] of Object.entries(Object(data.environments ?? {}))) {
    if (typeof definition === "object" && definition !== null)
      mistakes.push(...findRootMistakes(definition as Record<string, unknown>, ["environments", name], yaml));
  }
  return mistakes;
}

/** The error for a command that needs a file which was not allowed. */
export function notAllowed(file: JudgedFile): QpodError {
  const facts: Record<Trust, string> = {
    unknown: "this file came with the repository and does not count until you allow it",
    changed: "this file has changed since you allowed it",
    denied: "you denied this file",
    allowed: "",
  };
  return new QpodError({ fact: facts[file.trust], place: { file: file.path }, remedy: "Look at it, then run `qpod allow`." });
}
