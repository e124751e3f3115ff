import { readdirSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { errnoOf, QpodError } from "../base/errors.ts";
import type { Paths } from "../base/paths.ts";
import { isEnvironmentName } from "../repo/binding.ts";
import { readSmallFile } from "../repo/small-file.ts";
import { resolvePath } from "./convert.ts";
import { checkShape } from "./read.ts";
import { makeShapes } from "./schema.ts";
import { parseYaml } from "./yaml-file.ts";

/** A folder that environments are looked for in; the first that has a name wins. */
export interface Shelf {
  kind: "user" | "catalog" | "system";
  folder: string;
}

export type LookupPaths = Pick<Paths, "config" | "systemConfig" | "home">;

/** The user's own, their catalogs in the order in which they are listed, the administrator's. */
export async function listShelves(paths: LookupPaths): Promise<Shelf[]> {
  return [
    { kind: "user", folder: userFolder(paths) },
    ...(await readCatalogs(paths)).map((folder): Shelf => ({ kind: "catalog", folder })),
    { kind: "system", folder: join(paths.systemConfig, "environments") },
  ];
}

export function userFolder(paths: Pick<Paths, "config">): string {
  return join(paths.config, "environments");
}

/** `catalogs.yaml`: folders such as a team's git checkout, which may keep its environments in a folder of that name. */
async function readCatalogs(paths: LookupPaths): Promise<string[]> {
  const file = join(paths.config, "catalogs.yaml");
  const bytes = readSmallFile(file);
  if (bytes === undefined) return [];
  const yaml = await parseYaml(bytes, file);
  if (yaml.mistakes.length === 0 && yaml.data === null) return [];
  const { catalogs } = await makeShapes();
  const data = await checkShape(catalogs, yaml, () => []);
  return (data.catalogs ?? []).map((text, index) => {
    const folder = resolvePath(text, { folder: dirname(file), home: paths.home });
    if (!isFolder(folder)) {
      throw new QpodError({
        fact: `the catalog ${folder} is not there`,
        place: yaml.locate(["catalogs", index]),
        remedy: "Check it out there, or remove it from the list.",
      });
    }
    const inner = join(folder, "environments");
    return isFolder(inner) ? inner : folder;
  });
}

/** Names of the environments in a folder, sorted; a missing folder has none. */
export function listShelf(folder: string): string[] {
  let files: string[];
  try {
    files = readdirSync(folder);
  } catch (error) {
    const code = errnoOf(error);
    if (code === "ENOENT" || code === "ENOTDIR") return [];
    throw new QpodError({ fact: `cannot list the environments: ${code ?? error}`, place: { file: folder }, cause: error });
  }
  return files
    .filter((file) => file.endsWith(".yaml"))
    .map((file) => file.slice(0, -5))
    .filter(isEnvironmentName)
    .sort();
}

function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
}
