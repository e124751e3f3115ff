import { findPaths, type Paths } from "../../../src/base/paths.ts";
import type { Environment } from "../../../src/config/environment.ts";
import type { Pod } from "../../../src/engine/engine.ts";
import { anEnvironment } from "../../support/an-environment.ts";

export function aPod(parts: Partial<Environment> = {}, root = "/home/u/src/tree"): Pod {
  return {
    id: "old-tree-1",
    worktree: { root, gitDir: `${root}/.git`, commonDir: `${root}/.git` },
    environment: anEnvironment(parts),
    root: { identity: "1", config: { env: {} }, programs: [], locales: [] },
    definition: 1n,
  };
}

export const paths: Paths = findPaths({ HOME: "/home/u" });
