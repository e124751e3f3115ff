import { fileURLToPath } from "node:url";

/** Something that a command was told wrongly; kept until it is run. */
export interface Mistake {
  text: string;
  /** `file:line:column` of the caller. */
  place: string | undefined;
}

const own = import.meta.dirname;

/** Where our caller stands: the first frame that is not this library's. */
export function findCaller(): string | undefined {
  for (const line of (new Error().stack ?? "").split("\n").slice(1)) {
    const found = /(?:\(|at |async )((?:file:\/\/|\/)[^()]*):(\d+):(\d+)\)?$/.exec(line);
    if (!found?.[1]) continue;
    const file = found[1].startsWith("file:") ? fileURLToPath(found[1]) : found[1];
    if (!file.startsWith(`${own}/`)) return `${file}:${found[2]}:${found[3]}`;
  }
  return undefined;
}
