import { createHash } from "node:crypto";
import { writeFileSync } from "node:fs";
import { errnoOf, QpodError } from "../base/errors.ts";
import { replaceFile } from "../base/files.ts";
import { withLock } from "../base/lock.ts";
import { readSmallFile } from "./small-file.ts";

/** A JSON file in which qpod keeps what cannot be made again, so it is never silently lost. */
export interface StateFile<T> {
  path: string;
  /** For errors: "the list of bound repositories". */
  what: string;
  /** What to do if it is damaged and the user has no better idea. */
  remedy: string;
  /** What a missing file means. */
  empty: T;
  isValid(content: unknown): content is T;
}

const VERSION = 1;
const LIMIT = 64 * 1024 * 1024;

export function readStateFile<T>(file: StateFile<T>): T {
  const bytes = readSmallFile(file.path, { limit: LIMIT, own: true });
  if (bytes === undefined) return structuredClone(file.empty);
  let content: { version?: unknown; content?: unknown };
  try {
    content = Object(JSON.parse(bytes.toString("utf8")));
  } catch {
    throw damaged(file, bytes);
  }
  if (typeof content.version === "number" && content.version > VERSION) {
    throw new QpodError({ fact: `${file.what} was written by a newer qpod`, place: { file: file.path }, remedy: "Update qpod." });
  }
  if (content.version !== VERSION || !file.isValid(content.content)) throw damaged(file, bytes);
  return content.content;
}

/** Changes the content under the file's lock; it is written only if it differs. */
export function updateStateFile<T, R>(
  file: StateFile<T>,
  change: (content: T) => { content: T; result: R } | Promise<{ content: T; result: R }>,
): Promise<R> {
  return withLock(
    `${file.path}.lock`,
    async () => {
      const before = readStateFile(file);
      const text = format(before);
      const { content, result } = await change(before);
      if (format(content) !== text) replaceFile(file.path, format(content));
      return result;
    },
    { what: file.what },
  );
}

function format(content: unknown): string {
  return `${JSON.stringify({ version: VERSION, content }, null, 1)}\n`;
}

function damaged<T>(file: StateFile<T>, bytes: Buffer): QpodError {
  const copy = `${file.path}.damaged-${createHash("sha256").update(bytes).digest("hex").slice(0, 8)}`;
  let kept = `A copy is kept as ${copy}.`;
  try {
    writeFileSync(copy, bytes, { flag: "wx", mode: 0o600 });
  } catch (error) {
    if (errnoOf(error) !== "EEXIST") kept = "No copy could be made.";
  }
  return new QpodError({ fact: `${file.what} is damaged`, place: { file: file.path }, remedy: `${kept} ${file.remedy}` });
}
