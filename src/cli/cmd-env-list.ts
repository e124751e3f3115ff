import { QpodError } from "../base/errors.ts";
import { listEnvironments } from "../config/find.ts";
import { readEnvironmentFile } from "../config/read.ts";
import { describeRoot } from "../image/definition.ts";
import type { Input } from "./command.ts";

/** Lists environments; one with mistakes is listed too, with the first of them. */
export async function run({ options, paths, output }: Input): Promise<number> {
  const listed = await listEnvironments(paths);
  const rows = await Promise.all(
    listed.map(async ({ name, file, kind }) => {
      try {
        const { root, engine, description } = await readEnvironmentFile(file, name, paths.home);
        return { name, from: kind, root: describeRoot(root), engine, description, file };
      } catch (error) {
        if (!(error instanceof QpodError)) throw error;
        return { name, from: kind, root: `cannot be used: ${error.fact}`, engine: undefined, description: undefined, file };
      }
    }),
  );
  if (options.json) output.json(rows);
  else if (rows.length === 0)
    output.line(
      "no environment yet; `qpod env add NAME --image REFERENCE` (or --bootstrap, --archive, --rootfs, --containerfile, --host) makes one",
    );
  else {
    const described = rows.some(({ description }) => description !== undefined);
    const line = (name: string, root: string, file: string, description = "") => [name, root, file, ...(described ? [description] : [])];
    output.table([line("NAME", "ROOT", "FILE", "DESCRIPTION"), ...rows.map((row) => line(row.name, row.root, row.file, row.description))]);
  }
  return 0;
}
