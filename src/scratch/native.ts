import { QpodError } from "../base/errors.ts";
import { nativeFile } from "../launch/locate.ts";
import { asNamespaceRoot } from "../launch/user-namespace.ts";
import { type RunResult, run } from "../process/run.ts";
import { type Raw, textOf } from "./raw.ts";
import type { Scratch } from "./scratch.ts";

/**
 * Copies trees, as alike as our rights allow (native/launcher/scratch/copy_tree.h).
 * @param how letters: `d` of folders only what they are, `g` link files of git's store, `o` one filesystem only, `r` stand-ins for what may not be read,
 *   `f` make ours readable.
 * @param except folders whose content is left out.
 * @returns paths of what could not be read, with `r`.
 */
export async function copyTrees(pairs: readonly (readonly [Raw, Raw])[], how: string, except: readonly string[] = []): Promise<Raw[]> {
  const input = Buffer.from(pairs.map(([from, to]) => `${from}\0${to}\0`).join(""), "latin1");
  return listOf(await runOwn([nativeFile("qpod-launch"), "copy", how, ...except], input));
}

/** By path relative to `root`: what extended attributes tell (native/launcher/scratch/marks.h). */
export async function readMarks(scratch: Scratch, root: Raw): Promise<Map<Raw, string>> {
  const argv: [string, ...string[]] = [nativeFile("qpod-launch"), "marks", textOf(root), scratch.folder];
  // In an ordinary user's overlay there may be folders that they took the right to look into from themselves.
  const records = listOf(await runOwn(scratch.way === "overlay" ? asNamespaceRoot(argv) : argv));
  return new Map(
    records.map((record) => {
      const space = record.indexOf(" ");
      return [record.slice(space + 1), record.slice(0, space)];
    }),
  );
}

const listOf = ({ channel }: RunResult): Raw[] => channel.toString("latin1").split("\0").filter(Boolean);

/** Our own program says what went wrong as we do. */
async function runOwn(argv: [string, ...string[]], input: Uint8Array | string = ""): Promise<RunResult> {
  const result = await run(argv, { input, channel: true });
  if (result.status === 0) return result;
  const [fact = "", remedy] = result.stderr.trim().split(/\n\s*/);
  throw new QpodError({ fact: fact.replace(/^qpod: /, "") || `${argv[1]} ended with status ${result.status}`, remedy });
}
