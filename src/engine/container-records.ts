import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import type { Paths } from "../base/paths.ts";

/** Whether an environment was ever prepared with the engine, or the engine was looked at in this session. */
export function hasRecords(paths: Paths, engine: "podman" | "docker"): boolean {
  if (existsSync(join(paths.runtime, `${engine}.json`))) return true;
  const roots = join(paths.data, "roots");
  return existsSync(roots) && readdirSync(roots).some((name) => name.includes(`.${engine}`));
}
