import { createHash, randomBytes } from "node:crypto";
import { lstatSync, rmSync } from "node:fs";
import { join } from "node:path";
import { errnoOf, QpodError } from "../base/errors.ts";
import { replaceFile } from "../base/files.ts";
import { visible } from "../base/text.ts";
import { readSmallFile } from "./small-file.ts";

/** An environment for the branches that a pattern matches; "" matches everything, a detached HEAD too. */
export interface Binding {
  environment: string;
  branch: string;
}

/** What a repository's git directory says of itself. Not trusted: `registry.ts` knows whether this user wrote it. */
export interface BindingFile {
  /** Random, known to this user only; stays the same when the repository is moved. */
  id: string;
  bindings: Binding[];
  /** Of the file's bytes. */
  sha256: string;
}

const VERSION = 1;

export function bindingFilePath(commonDir: string): string {
  return join(commonDir, "qpod", "bindings.json");
}

/** Reads the bindings of a repository; undefined when it has none. */
export function readBindingFile(commonDir: string): BindingFile | undefined {
  const file = bindingFilePath(commonDir);
  const bytes = isOrdinaryFolder(join(commonDir, "qpod")) ? readOwnFile(file) : undefined;
  if (bytes === undefined) return undefined;
  const content = parse(bytes, file);
  return { ...content, sha256: createHash("sha256").update(bytes).digest("hex") };
}

/** Who else works in the repository has no use for them: bindings are for who made them. */
function readOwnFile(file: string): Buffer | undefined {
  try {
    return readSmallFile(file);
  } catch (error) {
    if (errnoOf((error as QpodError).cause) !== "EACCES") throw error;
    throw new QpodError({
      fact: "these bindings are another user's, and do not count for you",
      place: { file },
      remedy: "Work in a clone of your own, and bind that.",
      cause: error,
    });
  }
}

/** Writes them, and returns the new hash. */
export function writeBindingFile(commonDir: string, id: string, bindings: readonly Binding[]): string {
  const folder = join(commonDir, "qpod");
  if (isOrdinaryFolder(folder) === false) {
    // Somebody who made this repository could otherwise have us write elsewhere.
    throw new QpodError({ fact: "this is not a folder", place: { file: folder }, remedy: `Remove ${folder}.` });
  }
  const text = formatBindings(id, bindings);
  replaceFile(bindingFilePath(commonDir), text);
  return createHash("sha256").update(text).digest("hex");
}

/** What the file of a repository without bindings is known by. */
export function hashOfNone(id: string): string {
  return createHash("sha256").update(formatBindings(id, [])).digest("hex");
}

function formatBindings(id: string, bindings: readonly Binding[]): string {
  return `${JSON.stringify({ version: VERSION, id, bindings: orderBindings(bindings) }, null, 2)}\n`;
}

/** What puts the file back as it is now. */
export function keepBindingFile(commonDir: string): () => void {
  const path = bindingFilePath(commonDir);
  const before = readSmallFile(path);
  return () => (before ? replaceFile(path, before) : rmSync(path, { force: true }));
}

export function newRepositoryId(): string {
  return randomBytes(16).toString("hex");
}

/** First match wins, so the patterns come before the binding of everything else; among themselves they keep their order. */
export function orderBindings(bindings: readonly Binding[]): Binding[] {
  const patterns = bindings.filter((binding) => binding.branch !== "");
  return [...patterns, ...bindings.filter((binding) => binding.branch === "")];
}

/** Adds a binding, or replaces the one with the same pattern. */
export function addBinding(bindings: readonly Binding[], added: Binding): Binding[] {
  const index = bindings.findIndex((binding) => binding.branch === added.branch);
  return orderBindings(index < 0 ? [...bindings, added] : bindings.with(index, added));
}

/** The same rule for every name, so that one can be a file, a folder and a part of a container's name. */
export function isEnvironmentName(name: string): boolean {
  return /^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/.test(name);
}

/** What is wrong with a branch pattern, if anything is. */
export function findPatternFault(pattern: string): string | undefined {
  if (/[\p{Cc}]/u.test(pattern)) return "it holds a control character";
  if (pattern.length > 1000) return "it is longer than 1000 characters";
  if (pattern.startsWith("refs/heads/")) return 'it is matched with the branch\'s name, which is without "refs/heads/"';
  if (pattern.includes("[")) return "no branch name holds a [, and sets such as [0-9] are not known here: bind each branch, or use ?";
  if (/[\s~^:\\]/.test(pattern)) return "it holds a character that no branch name can hold";
  return undefined;
}

function isOrdinaryFolder(path: string): boolean | undefined {
  try {
    return lstatSync(path).isDirectory();
  } catch (error) {
    if (errnoOf(error) === "ENOENT") return undefined;
    throw new QpodError({ fact: `cannot look at it: ${errnoOf(error) ?? error}`, place: { file: path }, cause: error });
  }
}

function parse(bytes: Buffer, file: string): { id: string; bindings: Binding[] } {
  let content: { version?: unknown; id?: unknown; bindings?: unknown };
  try {
    content = Object(JSON.parse(bytes.toString("utf8")));
  } catch (error) {
    throw damaged(file, "it is not JSON", error);
  }
  if (typeof content.version === "number" && content.version > VERSION) {
    throw new QpodError({ fact: "this was written by a newer qpod", place: { file }, remedy: "Update qpod." });
  }
  if (content.version !== VERSION) throw damaged(file, "it has no version");
  if (typeof content.id !== "string" || !/^[0-9a-f]{32}$/.test(content.id)) throw damaged(file, "it has no id");
  if (!Array.isArray(content.bindings)) throw damaged(file, "it has no list of bindings");
  return { id: content.id, bindings: content.bindings.map((item) => parseBinding(item, file)) };
}

function parseBinding(item: unknown, file: string): Binding {
  const { environment, branch } = Object(item) as Record<string, unknown>;
  if (typeof environment !== "string" || !isEnvironmentName(environment)) throw damaged(file, "a binding names no environment");
  if (typeof branch !== "string") throw damaged(file, "a binding has no branch");
  const fault = findPatternFault(branch);
  if (fault) throw damaged(file, `the pattern "${visible(branch)}" cannot be used: ${fault}`);
  return { environment, branch };
}

function damaged(file: string, why: string, cause?: unknown): QpodError {
  return new QpodError({
    fact: `the repository's bindings are damaged: ${why}`,
    place: { file },
    remedy: "Remove the file, then bind the repository again with `qpod init`.",
    cause,
  });
}
