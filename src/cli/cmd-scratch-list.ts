import { visible } from "../base/text.ts";
import { listChanges } from "../scratch/changes.ts";
import { listScratches } from "../scratch/scratch.ts";
import { findUsers } from "../scratch/users.ts";
import type { Input } from "./command.ts";

/** The scratches that there are. */
export async function run({ options, paths, output }: Input): Promise<number> {
  const scratches = [];
  for (const scratch of listScratches(paths)) {
    const changes = (await listChanges(scratch, paths)).length;
    scratches.push({
      folder: scratch.folder,
      way: scratch.way,
      begun: new Date(scratch.started).toISOString(),
      changes,
      running: findUsers(scratch).commands,
    });
  }
  if (options.json) output.json(scratches);
  else if (scratches.length === 0) output.line("no scratch; `qpod scratch -- COMMAND` begins one");
  else
    output.table([
      ["FOLDER", "WAY", "BEGUN", "CHANGES", "RUNNING"],
      ...scratches.map(({ folder, way, begun, changes, running }) => [
        visible(folder),
        way,
        begun,
        String(changes),
        running.join(" ") || "-",
      ]),
    ]);
  return 0;
}
