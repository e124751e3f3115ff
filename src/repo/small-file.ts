import { closeSync, constants, fstatSync, openSync, readSync } from "node:fs";
import { errnoOf, QpodError, remedyFor } from "../base/errors.ts";
import { visibleBytes } from "../base/text.ts";

const MIB = 1024 * 1024;

export interface SmallFileRules {
  /** Most bytes; 1 MiB if left out. */
  limit?: number;
  /** Refuse a link: its target may be changed without the file's own times telling. */
  noLink?: boolean;
  /** Refuse what another user but root owns or may write. */
  own?: boolean;
}

/**
 * Reads a file that somebody else may have made: it is not waited for (a FIFO), nor read without end.
 * @returns undefined when there is none.
 */
export function readSmallFile(path: string | Buffer, rules: SmallFileRules = {}): Buffer | undefined {
  const { limit = MIB } = rules;
  const place = { file: visibleBytes(Buffer.from(path)) };
  let fd: number;
  try {
    const follow = rules.noLink ? constants.O_NOFOLLOW : 0;
    fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY | follow);
  } catch (error) {
    const code = errnoOf(error);
    if (code === "ENOENT" || code === "ENOTDIR") return undefined;
    if (code === "ELOOP" && rules.noLink)
      throw new QpodError({ fact: "this is a link, not an ordinary file", place, remedy: "Put the file itself there." });
    const remedy = code === "EACCES" ? "It must be readable for you." : remedyFor(error);
    throw new QpodError({ fact: `cannot read the file: ${code ?? error}`, place, remedy, cause: error });
  }
  try {
    const info = fstatSync(fd);
    if (!info.isFile())
      throw new QpodError({ fact: "this is not an ordinary file", place, remedy: "Move it away, or put the file itself there." });
    if (rules.own && ((info.mode & 0o022) !== 0 || (info.uid !== 0 && info.uid !== process.geteuid?.()))) {
      throw new QpodError({
        fact: "this is not a file that only you can write",
        place,
        remedy: "See whose it is and what it says; then `chmod go-w` or remove it. As root, HOME must be root's own (`sudo -H`).",
      });
    }
    const bytes = info.size > limit ? undefined : readAtMost(fd, limit);
    if (!bytes) throw new QpodError({ fact: `the file is larger than ${limit / MIB} MiB`, place });
    return bytes;
  } finally {
    closeSync(fd);
  }
}

/** Files of /proc and the like give no size. Undefined when there is more. */
function readAtMost(fd: number, limit: number): Buffer | undefined {
  const chunks: Buffer[] = [];
  for (let size = 0; ; ) {
    const chunk = Buffer.allocUnsafe(65536);
    const length = readSync(fd, chunk);
    if (length === 0) return Buffer.concat(chunks);
    chunks.push(chunk.subarray(0, length));
    size += length;
    if (size > limit) return undefined;
  }
}
