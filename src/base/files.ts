import { randomBytes } from "node:crypto";
import { closeSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, unlinkSync, writeSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { errnoOf, QpodError, remedyFor } from "./errors.ts";

/**
 * Replaces a file in one step, so that a reader never sees half of it and a full disk leaves the old one.
 * @param mode permission bits of the new file.
 * @param isLasting false for what is made again after a power cut: waiting for the disk is most of the time it takes.
 */
export function replaceFile(path: string, content: string | Uint8Array, mode = 0o600, isLasting = true): void {
  const temporary = join(dirname(path), `.${basename(path)}.${randomBytes(6).toString("hex")}`);
  const bytes = typeof content === "string" ? Buffer.from(content) : content;
  let fd: number | undefined;
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    fd = openSync(temporary, "wx", mode);
    for (let done = 0; done < bytes.length; ) done += writeSync(fd, bytes, done);
    if (isLasting) fsyncSync(fd);
    closeSync(fd);
    fd = undefined;
    renameSync(temporary, path);
  } catch (error) {
    if (fd !== undefined) closeSync(fd);
    try {
      unlinkSync(temporary);
    } catch {
      // It was never made.
    }
    throw new QpodError({
      fact: `cannot write ${path}: ${errnoOf(error) ?? error}`,
      remedy: [remedyFor(error), "The old file is untouched."].filter(Boolean).join(" "),
      cause: error,
    });
  }
}

/** The file's text, or undefined when there is none. Other errors are reported with their place. */
export function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    const code = errnoOf(error);
    if (code === "ENOENT" || code === "ENOTDIR") return undefined;
    throw new QpodError({ fact: `cannot read the file: ${code ?? error}`, place: { file: path }, cause: error });
  }
}
