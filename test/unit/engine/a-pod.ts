import { findPaths, type Paths } from "../../../src/base/paths.ts";
import type { Environment } from "../../../src/config/environment.ts";
import type { Pod } from "../../../src/engine/engine.ts";

/** Definitions for tests, of which each names only what it is about. */
export function anEnvironment(parts: Partial<Environment> = {}): Environment {
  return {
    name: "old",
    place: { file: "/home/u/.config/qpod/environments/old.yaml", line: 1 },
    root: { kind: "image", reference: "registry.example.com/mmsx:2018.3" },
    commands: [],
    defaultCommands: true,
    host: [],
    variables: { set: {}, pass: [] },
    mounts: [],
    share: [],
    limits: {},
    ...parts,
  };
}

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
