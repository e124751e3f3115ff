import { statSync } from "node:fs";
import { QpodError, status } from "../base/errors.ts";
import {
  addBinding,
  type Binding,
  type BindingFile,
  bindingFilePath,
  findPatternFault,
  hashOfNone,
  keepBindingFile,
  newRepositoryId,
  readBindingFile,
  writeBindingFile,
} from "./binding.ts";
import { type Registered, readRegistry, updateRegistry } from "./registry.ts";
import type { Worktree } from "./worktree.ts";

/** A repository's bindings, and whether they count. */
export type RepositoryBindings =
  | { state: "unbound" }
  /** This user bound it, and the file is gone. */
  | { state: "lost" }
  /** This user wrote or allowed them. */
  | { state: "trusted"; id: string; bindings: Binding[] }
  /** They came with the repository: an archive, another user. */
  | { state: "unknown"; id: string; bindings: Binding[] }
  /** This user once trusted another content. */
  | { state: "changed"; id: string; bindings: Binding[] };

const REMEMBER = 365 * 24 * 3600 * 1000;

/** Reads a repository's bindings and judges them; writes nothing. */
export function readBindings(commonDir: string, state: string): RepositoryBindings {
  const file = readBindingFile(commonDir);
  if (!file) return { state: isLost(commonDir, readRegistry(state)) ? "lost" : "unbound" };
  return { state: judge(file, commonDir, readRegistry(state)), id: file.id, bindings: file.bindings };
}

/**
 * Only this user knows the random id of a repository they bound, so a repository that bears it was moved or
 * copied by them (or from them), and the bindings in it are the very ones they wrote.
 */
function judge(file: BindingFile, commonDir: string, registry: readonly Registered[]): "trusted" | "unknown" | "changed" {
  const known = registry.filter((entry) => entry.id === file.id);
  if (known.some((entry) => entry.sha256 === file.sha256)) return "trusted";
  return known.length > 0 || registry.some((entry) => entry.commonDir === commonDir) ? "changed" : "unknown";
}

/** A repository that bears its id elsewhere was moved there; then another one is at this place now. */
function isLost(commonDir: string, registry: readonly Registered[]): boolean {
  const here = registry.find((entry) => entry.commonDir === commonDir && entry.sha256 !== hashOfNone(entry.id));
  return here !== undefined && !registry.some((entry) => entry.id === here.id && entry !== here && isThere(entry.commonDir));
}

/** Binds a repository to an environment, for the branches of a pattern or ("") for all others. */
export async function bindRepository(worktree: Worktree, state: string, binding: Binding): Promise<Binding[]> {
  const fault = findPatternFault(binding.branch);
  if (fault)
    throw new QpodError({
      fact: `the pattern "${binding.branch}" cannot be used: ${fault}`,
      remedy: "It is a branch's name, in which * stands for any letters but a slash, and ** for any at all.",
      status: status.usage,
    });
  return changeBindings(worktree, state, (bindings) => addBinding(bindings, binding));
}

/** Takes back the binding of a pattern, or all of them. Returns what was taken back. */
export async function unbindRepository(worktree: Worktree, state: string, branch?: string): Promise<Binding[]> {
  let removed: Binding[] = [];
  if (!readBindingFile(worktree.commonDir)) return removed;
  await changeBindings(worktree, state, (bindings) => {
    removed = bindings.filter((binding) => branch === undefined || binding.branch === branch);
    return bindings.filter((binding) => !removed.includes(binding));
  });
  return removed;
}

/** Takes back bindings whose file is gone. */
export function forgetRepository(worktree: Worktree, state: string): Promise<void> {
  return updateRegistry(state, (list) => ({ list: list.filter(({ commonDir }) => commonDir !== worktree.commonDir), result: undefined }));
}

/** Makes the repository known without binding it: its committed file may then count, in every work tree. */
export async function registerRepository(worktree: Worktree, state: string): Promise<void> {
  await changeBindings(worktree, state, (bindings) => bindings);
}

/** Takes bindings that came with the repository for one's own. */
export function allowBindings(worktree: Worktree, state: string): Promise<Binding[]> {
  return updateRegistry(state, (list) => {
    const file = readBindingFile(worktree.commonDir);
    if (!file) return { list, result: [] };
    return { list: register(list, worktree, file.id, file.sha256), result: file.bindings };
  });
}

/** Both files or none: bindings that the registry does not know would count as somebody else's. */
async function changeBindings(worktree: Worktree, state: string, change: (bindings: Binding[]) => Binding[]): Promise<Binding[]> {
  let takeBack = () => {};
  const changed = updateRegistry(state, (list) => {
    const file = readBindingFile(worktree.commonDir);
    if (file && judge(file, worktree.commonDir, list) !== "trusted") throw notYours(worktree.commonDir);
    // A new id when the path was once another repository's.
    const id = file?.id ?? newRepositoryId();
    const bindings = change(file?.bindings ?? []);
    takeBack = keepBindingFile(worktree.commonDir);
    const sha256 = writeBindingFile(worktree.commonDir, id, bindings);
    return { list: register(list, worktree, id, sha256), result: bindings };
  });
  return changed.catch((error) => {
    takeBack();
    throw error;
  });
}

function notYours(commonDir: string): QpodError {
  return new QpodError({
    fact: "the repository has bindings that you did not make",
    place: { file: bindingFilePath(commonDir) },
    remedy: "Look at the file; then `qpod allow` makes them yours, or remove it.",
  });
}

/** The list with this repository in it as it now is; entries of one that was moved from its place go. */
function register(list: readonly Registered[], worktree: Worktree, id: string, sha256: string): Registered[] {
  const { root, commonDir } = worktree;
  const same = list.find((entry) => entry.id === id && entry.commonDir === commonDir);
  const roots = [...new Set([...(same?.roots ?? []), root])].filter((path) => path === root || isThere(path));
  const others = list.filter((entry) => entry.commonDir !== commonDir && !(entry.id === id && !isThere(entry.commonDir)));
  return [...others, { id, commonDir, roots, sha256 }];
}

/** Notes a repository that was found at another place than the one it was bound at, or through a new work tree. */
export async function noteRepository(worktree: Worktree, state: string): Promise<void> {
  const file = readBindingFile(worktree.commonDir);
  if (!file) return;
  const known = readRegistry(state);
  if (judge(file, worktree.commonDir, known) !== "trusted") return;
  const isNoted = (entry: Registered) =>
    entry.id === file.id &&
    entry.commonDir === worktree.commonDir &&
    entry.sha256 === file.sha256 &&
    entry.roots.includes(worktree.root) &&
    !entry.goneSince;
  if (known.some(isNoted)) return;
  await updateRegistry(state, (list) => ({
    list: judge(file, worktree.commonDir, list) === "trusted" ? register(list, worktree, file.id, file.sha256) : list,
    result: undefined,
  }));
}

/** Whether this user bound it or allowed what came with it: then what it says now and does not count is no reason to use the host. */
export function isRegistered(worktree: Worktree, state: string): boolean {
  return readRegistry(state).some(({ commonDir }) => commonDir === worktree.commonDir);
}

/** Lists the repositories that are where they were, and notes which are gone and which came back. */
export async function refreshRegistry(state: string, now = new Date()): Promise<Registered[]> {
  const list = readRegistry(state);
  const noted = noteAbsences(list, now);
  // It is asked for often and changes seldom: no lock then.
  const current =
    JSON.stringify(noted) === JSON.stringify(list)
      ? list
      : await updateRegistry(state, (entries) => {
          const kept = noteAbsences(entries, now);
          return { list: kept, result: kept };
        });
  return current.filter((entry) => !entry.goneSince);
}

function noteAbsences(list: readonly Registered[], now: Date): Registered[] {
  const noted = list.map(({ goneSince, ...entry }) =>
    isThere(entry.commonDir) ? entry : { ...entry, goneSince: goneSince ?? now.toISOString() },
  );
  return noted.filter((entry) => !("goneSince" in entry) || now.getTime() - Date.parse(entry.goneSince) < REMEMBER);
}

function isThere(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
}
