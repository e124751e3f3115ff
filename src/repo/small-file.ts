import { closeSync, constants, fstatSync, openSync, readFileSync } from "node:fs";
import { errnoOf, QpodError } from "../base/errors.ts";
import { visibleBytes } from "../base/text.ts";

const MIB = 1024 * 1024;

/**
 * Reads a file that somebody else may have made: it is not waited for (a FIFO), nor read without end.
 * @returns undefined when there is none.
 */
export function readSmallFile(path: string | Buffer, limit = MIB): Buffer | undefined {
  const place = { file: visibleBytes(Buffer.from(path)) };
  let fd: number;
  try {
    fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
  } catch (error) {
    const code = errnoOf(error);
    if (code === "ENOENT" || code === "ENOTDIR") return undefined;
    throw new QpodError({ fact: `cannot read the file: ${code ?? error}`, place, cause: error });
  }
  try {
    const info = fstatSync(fd);
    if (!info.isFile()) throw new QpodError({ fact: "this is not an ordinary file", place });
    if (info.size > limit) throw new QpodError({ fact: `the file is larger than ${limit / MIB} MiB`, place });
    return readFileSync(fd);
  } finally {
    closeSync(fd);
  }
}
