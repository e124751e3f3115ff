import { existsSync, readFileSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { replaceFile } from "../base/files.ts";
import type { Paths } from "../base/paths.ts";
import type { Raw } from "./raw.ts";
import { recordOf, type Scratch } from "./scratch.ts";

/** What the real thing was when it was compared. Not its change time: that of a file with several names goes with each. */
export interface Stamp {
  ino: number;
  size: number;
  mtimeMs: number;
}

/** One step in the real folder; all paths are whole. Done once, it is known to be by where things are. */
export type Step =
  /** The new one, ready at `aside`, takes the place of what is there; a folder and another type change places by way of `old`. */
  | { does: "put"; target: Raw; aside: Raw; old?: Raw; before?: Stamp }
  /** Moved out of sight to `aside`. */
  | { does: "remove"; target: Raw; aside: Raw; before: Stamp }
  /** A folder that stays gets other permissions, owners or attributes. */
  | { does: "dress"; target: Raw; source: Raw };

/** What a keep is about, so that one that was killed is finished, or leaves nothing, when it is said again. */
export interface Journal {
  /** `preparing`: the real folder is as it was, but for what lies at `aside`. */
  phase: "preparing" | "applying";
  steps: Step[];
  /** Folders that were opened for us to write into, and the permissions that they get back. */
  opened: [Raw, number][];
}

const fileOf = (scratch: Scratch, paths: Paths) => join(dirname(recordOf(scratch.name, paths)), "keep.json");

export function readJournal(scratch: Scratch, paths: Paths): Journal | undefined {
  const file = fileOf(scratch, paths);
  return existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as Journal) : undefined;
}

export function writeJournal(journal: Journal, scratch: Scratch, paths: Paths): void {
  replaceFile(fileOf(scratch, paths), JSON.stringify(journal));
}

export function removeJournal(scratch: Scratch, paths: Paths): void {
  rmSync(fileOf(scratch, paths), { force: true });
}
