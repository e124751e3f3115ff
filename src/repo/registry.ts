import { createHash } from "node:crypto";
import { writeFileSync } from "node:fs";
import { isAbsolute, join } from "node:path";
import { errnoOf, QpodError } from "../base/errors.ts";
import { replaceFile } from "../base/files.ts";
import { withLock } from "../base/lock.ts";
import { readSmallFile } from "./small-file.ts";

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

const VERSION = 1;
const LIMIT = 64 * 1024 * 1024;

export function registryPath(state: string): string {
  return join(state, "repositories.json");
}

/** Every repository that is remembered, those that are gone too. */
export function readRegistry(state: string): Registered[] {
  const file = registryPath(state);
  const bytes = readSmallFile(file, LIMIT);
  if (bytes === undefined) return [];
  let content: { version?: unknown; repositories?: unknown };
  try {
    content = Object(JSON.parse(bytes.toString("utf8")));
  } catch {
    throw damaged(file, bytes);
  }
  if (typeof content.version === "number" && content.version > VERSION) {
    throw new QpodError({ fact: "this was written by a newer qpod", place: { file }, remedy: "Update qpod." });
  }
  const list = content.repositories;
  if (content.version !== VERSION || !Array.isArray(list) || !list.every(isRegistered)) throw damaged(file, bytes);
  return list;
}

/** Changes the registry under its lock; the file is written only if the list that comes back differs. */
export async function updateRegistry<T>(
  state: string,
  change: (list: Registered[]) => { list: Registered[]; result: T } | Promise<{ list: Registered[]; result: T }>,
): Promise<T> {
  const file = registryPath(state);
  return withLock(
    `${file}.lock`,
    async () => {
      const before = readRegistry(state);
      const { list, result } = await change(structuredClone(before));
      const text = format(list);
      if (text !== format(before)) replaceFile(file, text);
      return result;
    },
    { what: "the list of bound repositories" },
  );
}

function format(list: readonly Registered[]): string {
  return `${JSON.stringify({ version: VERSION, repositories: list }, null, 1)}\n`;
}

function isRegistered(item: unknown): item is Registered {
  const { id, commonDir, roots, sha256, goneSince } = Object(item) as Record<string, unknown>;
  const isPath = (path: unknown) => typeof path === "string" && isAbsolute(path) && !path.includes("\0");
  const isText = (text: unknown) => typeof text === "string";
  return (
    isText(id) && isText(sha256) && isPath(commonDir) && Array.isArray(roots) && roots.every(isPath) && (goneSince === undefined || isText(goneSince))
  );
}

function damaged(file: string, bytes: Buffer): QpodError {
  const copy = `${file}.damaged-${createHash("sha256").update(bytes).digest("hex").slice(0, 8)}`;
  let kept = `A copy is kept as ${copy}.`;
  try {
    writeFileSync(copy, bytes, { flag: "wx", mode: 0o600 });
  } catch (error) {
    if (errnoOf(error) !== "EEXIST") kept = "No copy could be made.";
  }
  return new QpodError({
    fact: "the list of bound repositories is damaged, so none is taken for bound",
    place: { file },
    remedy: `${kept} Mend the file, or remove it and run \`qpod init\` in each repository again.`,
  });
}
