import { statSync } from "node:fs";
import { isAbsolute, join } from "node:path";
import { readStateFile, type StateFile, updateStateFile } from "./state-file.ts";

/** A repository that this user bound or allowed. */
export interface Registered {
  id: string;
  commonDir: string;
  /** Work trees as they were seen; git itself does not always know where they are. */
  roots: string[];
  /** Of the binding file that this user wrote or allowed. */
  sha256: string;
  /** When it was first missed. The id is remembered for a year: a repository may be moved, or its disk put away. */
  goneSince?: string;
}

function registryFile(state: string): StateFile<Registered[]> {
  return {
    path: registryPath(state),
    what: "the list of bound repositories",
    remedy: "Mend the file, or remove it and run `qpod init` in each repository again.",
    empty: [],
    isValid: (content) => Array.isArray(content) && content.every(isRegistered),
  };
}

export function registryPath(state: string): string {
  return join(state, "repositories.json");
}

/** What was read last, while the file is still that one: each of a thousand repositories is looked up in it. */
let last: { path: string; version: string; list: readonly Registered[] } | undefined;

/** Every repository that is remembered, those that are gone too. */
export function readRegistry(state: string): readonly Registered[] {
  const path = registryPath(state);
  const version = versionOf(path);
  if (last && version !== undefined && last.path === path && last.version === version) return last.list;
  const list = readStateFile(registryFile(state));
  if (version !== undefined) last = { path, version, list };
  return list;
}

/** The file is replaced and never written into, so another content is another inode or another time. */
function versionOf(path: string): string | undefined {
  const info = statSync(path, { bigint: true, throwIfNoEntry: false });
  return info && [info.dev, info.ino, info.size, info.mtimeNs, info.ctimeNs].join(":");
}

/** Changes the registry under its lock, which stands for the binding files of this user's repositories too. */
export function updateRegistry<R>(state: string, change: (list: Registered[]) => { list: Registered[]; result: R }): Promise<R> {
  return updateStateFile(registryFile(state), (before) => {
    const { list, result } = change(before);
    return { content: list, result };
  });
}

function isRegistered(item: unknown): item is Registered {
  const { id, commonDir, roots, sha256, goneSince } = Object(item) as Record<string, unknown>;
  const isText = (text: unknown) => typeof text === "string";
  const isPath = (path: unknown) => typeof path === "string" && isAbsolute(path) && !path.includes("\0");
  const hasPaths = isPath(commonDir) && Array.isArray(roots) && roots.every(isPath);
  return hasPaths && isText(id) && isText(sha256) && (goneSince === undefined || isText(goneSince));
}
