import { existsSync } from "node:fs";
import { join } from "node:path";
import { QpodError } from "../base/errors.ts";
import { findClosest, visible } from "../base/text.ts";
import { isEnvironmentName } from "../repo/binding.ts";
import { type LookupPaths, listShelf, listShelves, type Shelf } from "./catalog.ts";
import type { Environment } from "./environment.ts";
import { readEnvironmentFile } from "./read.ts";

export interface ListedEnvironment {
  name: string;
  file: string;
  kind: Shelf["kind"];
  /** Files with the same name that are not used, since this one comes first. */
  hidden: string[];
}

/** All environments by name, without reading them: a mistake in one must not hide the others. */
export async function listEnvironments(paths: LookupPaths): Promise<ListedEnvironment[]> {
  const found = new Map<string, ListedEnvironment>();
  for (const { kind, folder } of await listShelves(paths)) {
    for (const name of listShelf(folder)) {
      const file = join(folder, `${name}.yaml`);
      const first = found.get(name);
      if (first) first.hidden.push(file);
      else found.set(name, { name, file, kind, hidden: [] });
    }
  }
  return [...found.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** The file that defines an environment, if there is one. */
export async function findEnvironment(name: string, paths: LookupPaths): Promise<ListedEnvironment | undefined> {
  return (await listEnvironments(paths)).find((environment) => environment.name === name);
}

/** The same where there must be one. */
export async function requireEnvironment(name: string, paths: LookupPaths): Promise<ListedEnvironment> {
  const listed = await findEnvironment(name, paths);
  if (listed) return listed;
  throw await unknownEnvironment(name, paths, new Map());
}

/**
 * Reads an environment.
 * @param inline definitions that the user allowed a repository to bring; what the user wrote comes before them.
 */
export async function loadEnvironment(
  name: string,
  paths: LookupPaths,
  inline: ReadonlyMap<string, Environment> = new Map(),
): Promise<Environment> {
  const listed = isEnvironmentName(name) ? await findEnvironment(name, paths) : undefined;
  const brought = inline.get(name);
  if (brought && listed?.kind !== "user") return brought;
  if (listed) return readEnvironmentFile(listed.file, name, paths.home);
  throw await unknownEnvironment(name, paths, inline);
}

async function unknownEnvironment(name: string, paths: LookupPaths, inline: ReadonlyMap<string, Environment>): Promise<QpodError> {
  const fact = `there is no environment "${visible(name)}"`;
  const misnamed = (await listShelves(paths))
    .map(({ folder }) => join(folder, `${name}.yml`))
    .find((file) => isEnvironmentName(name) && existsSync(file));
  if (misnamed) return new QpodError({ fact, remedy: `${misnamed} must be named ${name}.yaml.` });
  const known = [...inline.keys(), ...(await listEnvironments(paths)).map((environment) => environment.name)];
  const closest = findClosest(name, known);
  if (closest) return new QpodError({ fact, remedy: `Did you mean "${closest}"? \`qpod env list\` shows all.` });
  const add = isEnvironmentName(name) ? name : "NAME";
  return new QpodError({ fact, remedy: `\`qpod env list\` shows those there are, \`qpod env add ${add}\` makes one.` });
}
