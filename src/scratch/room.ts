import { rmSync, statfsSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { QpodError } from "../base/errors.ts";
import { formatBytes } from "../base/text.ts";
import { run } from "../process/run.ts";

/** Whether a copy in `store` shares its blocks with the original, and so takes neither time nor room. */
export async function sharesBlocks(folder: string, store: string): Promise<boolean> {
  if (statSync(folder).dev !== statSync(store).dev) return false;
  const [trial, copy] = [join(store, "trial"), join(store, "trial-copy")];
  try {
    writeFileSync(trial, "x");
    return (await run(["cp", "--reflink=always", "--", trial, copy])).status === 0;
  } finally {
    for (const file of [trial, copy]) rmSync(file, { force: true });
  }
}

/** Bytes that the folder takes, without what is mounted further in. Files of several names count once. */
export async function measure(folder: string): Promise<number> {
  // It says what it may not look into, and goes on.
  const { stdout } = await run(["du", "-skx", folder]);
  return (Number.parseInt(stdout, 10) || 0) * 1024;
}

/** @throws QpodError when so much does not fit where the store is. */
export function requireRoom(bytes: number, folder: string, store: string): void {
  const { bavail, bsize } = statfsSync(store);
  const free = bavail * bsize;
  if (bytes < free) return;
  throw new QpodError({
    fact: `a copy of ${folder} takes ${formatBytes(bytes)}, and where it would be, in ${store}, ${formatBytes(free)} are free`,
    remedy: "Make room, choose a smaller folder with --folder, or set XDG_DATA_HOME to a folder on a larger disk.",
  });
}
