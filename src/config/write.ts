import { existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { errnoOf, QpodError, remedyFor } from "../base/errors.ts";
import type { Paths } from "../base/paths.ts";
import { visible } from "../base/text.ts";
import { type LookupPaths, userFolder } from "./catalog.ts";
import type { EngineName, Root } from "./environment.ts";
import { type ListedEnvironment, requireEnvironment } from "./find.ts";
import { parseEnvironment } from "./read.ts";
import { checkEnvironmentName } from "./schema.ts";

export interface NewEnvironment {
  /** Paths in it are absolute. */
  root: Root;
  engine?: EngineName | undefined;
  description?: string | undefined;
}

/** Writes a new environment of the user's own and returns its file; refuses to overwrite one. */
export async function addEnvironment(name: string, definition: NewEnvironment, paths: Pick<Paths, "config" | "home">): Promise<string> {
  const fault = checkEnvironmentName(name);
  if (fault) throw new QpodError({ fact: `"${visible(name)}": ${fault.fact}`, remedy: fault.remedy });
  const file = join(userFolder(paths), `${name}.yaml`);
  const text = await formatEnvironment(definition);
  // What was given on the command line may be wrong; it is said before there is a file.
  await parseEnvironment(text, file, name, paths.home);
  try {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    writeFileSync(file, text, { flag: "wx", mode: 0o644 });
  } catch (error) {
    if (errnoOf(error) === "EEXIST") throw isThere(name, file);
    if (errnoOf(error) === "ENOSPC" || errnoOf(error) === "EDQUOT") rmSync(file, { force: true });
    throw new QpodError({
      fact: `cannot write the environment: ${errnoOf(error) ?? error}`,
      place: { file },
      remedy: remedyFor(error),
      cause: error,
    });
  }
  return file;
}

function isThere(name: string, file: string): QpodError {
  const remedy = `\`qpod env edit ${name}\` changes it, \`qpod env remove ${name}\` removes it.`;
  return new QpodError({ fact: `there is already an environment "${name}"`, place: { file }, remedy });
}

/** An environment that the user may remove; those of a catalog or the administrator are not theirs. */
export async function requireOwnEnvironment(name: string, paths: LookupPaths): Promise<ListedEnvironment> {
  const listed = await requireEnvironment(name, paths);
  if (listed.kind === "user") return listed;
  throw new QpodError({
    fact: `"${name}" is not one of your own environments`,
    place: { file: listed.file },
    remedy: "It comes from a catalog or from the administrator: remove it there.",
  });
}

/** The text of a new environment's file: what was asked for, and in comments what else there is. */
export async function formatEnvironment({ root, engine, description }: NewEnvironment): Promise<string> {
  const { stringify } = await import("yaml");
  const value = (data: unknown) => stringify(data, { lineWidth: 0, collectionStyle: "flow" }).trimEnd();
  const schema = schemaPath();
  return [
    ...(schema ? [`# yaml-language-server: $schema=${schema}`] : []),
    ...(description ? [`description: ${value(description)}`] : []),
    "# Where the root filesystem comes from.",
    ...formatRoot(root, value),
    "",
    ...(engine ? [`engine: ${engine}`] : ["# engine: podman          # or embedded, docker; chosen by itself otherwise"]),
    "",
    "# Commands that run here besides make, gcc, gdb and the like; globs are allowed.",
    "commands: []",
    "# Commands, and paths in the repository, that stay on the host.",
    root.kind === "host"
      ? "# (Where the root is the host's own, write `rootfs: /` in place of `host: true` to have this list.)"
      : "host: []",
    "",
    "variables:",
    "  set: {}                 # fixed values: {MMSX_TARGET: arm}",
    "  pass: []                # names that pass from your shell: [MMSX_HOME, MMSX_OPT_*]",
    "mounts: []                # [~/toolchains:/opt/toolchains:ro]",
    "share: []                 # of ssh-agent, gitconfig, ccache, x11, home",
    "# path: /qpod             # a fixed path for the repository, where builds record paths",
    "",
  ].join("\n");
}

function formatRoot(root: Root, value: (data: unknown) => string): string[] {
  switch (root.kind) {
    case "image":
      return [`image: ${value(root.reference)}`];
    case "archive":
      return [`archive: ${value(root.file)}`];
    case "rootfs":
      return [`rootfs: ${value(root.folder)}`];
    case "containerfile":
      return ["containerfile:", `  file: ${value(root.file)}`, `  context: ${value(root.context)}`];
    case "host":
      return ["host: true"];
    case "bootstrap":
      return [
        "bootstrap:",
        `  distribution: ${value(root.distribution)}`,
        `  release: ${value(root.release)}`,
        `  packages: ${value(root.packages)}`,
        ...(root.components.length > 0 ? [`  components: ${value(root.components)}`] : []),
        ...(["mirror", "archive", "keyring"] as const).flatMap((key) => (root[key] === undefined ? [] : [`  ${key}: ${value(root[key])}`])),
        ...(root.trusted ? ["  trusted: true"] : []),
      ];
  }
}

/** The schema lies beside the program, which may be bundled into another folder than this file's. */
function schemaPath(): string | undefined {
  let folder = import.meta.dirname;
  for (let steps = 0; steps < 4; steps++, folder = dirname(folder)) {
    const path = join(folder, "schema", "environment.schema.json");
    if (existsSync(path)) return path;
  }
  return undefined;
}
