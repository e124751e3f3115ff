import { join } from "node:path";
import type { Paths } from "../base/paths.ts";
import type { BootstrapRoot } from "../config/environment.ts";

/** Downloaded packages, which make a second bootstrap fast: a folder for each release. */
export function debsFolder(paths: Paths): string {
  return join(paths.data, "debs");
}

export function debsName({ distribution, release }: Pick<BootstrapRoot, "distribution" | "release">): string {
  return `${distribution}-${release}`;
}
