import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { readIfThere } from "../base/files.ts";
import { translateCompileCommands } from "./compile-commands.ts";
import { mergeSettings } from "./merge-settings.ts";
import { writePrograms } from "./programs.ts";
import { vscodeFiles } from "./vscode.ts";
import { findClangd, type Workplace } from "./workplace.ts";

/** One file that an editor reads or starts. */
export interface PlannedFile {
  path: string;
  text: string;
  mode: number;
  /** Lies in the work tree, where git must not see it. */
  shared: boolean;
  /** Why it is not to be written; its text is then for people to take over. */
  refused?: string;
  /** Settings that are the user's own and stay as they are. */
  kept: string[];
}

/** Everything that an editor needs, with the user's own files taken into account. Writes nothing. */
export async function planFiles(place: Workplace, isTracked: (file: string) => Promise<boolean>): Promise<PlannedFile[]> {
  const own = (path: string, text: string, mode: number): PlannedFile => ({ path, text, mode, shared: false, kept: [] });
  const files = [...writePrograms(place)].map(([name, text]) => own(join(place.folder, name), text, 0o755));
  const database = compileCommands(place);
  if (database !== undefined) files.push(own(join(place.folder, "compile_commands.json"), database, 0o644));
  for (const { file, settings } of vscodeFiles(place)) {
    const path = join(place.worktree.root, file);
    const merged = await mergeSettings(readIfThere(path) ?? "", settings);
    const alone = await mergeSettings("", settings);
    const refused = !merged ? "it cannot be read as settings" : (await isTracked(file)) ? "it is committed" : undefined;
    files.push({
      path,
      text: (refused === undefined ? merged : alone)?.text ?? "",
      mode: 0o644,
      shared: true,
      kept: merged?.kept ?? [],
      ...(refused === undefined ? {} : { refused }),
    });
  }
  return files;
}

/** What is missing, and what helps; for people. */
export function listGaps(place: Workplace): string[] {
  const gaps: string[] = [];
  if (findClangd(place) === undefined) {
    const headers = place.tree === undefined ? ", and it sees this system's headers" : "";
    gaps.push(`The environment has no clangd, so the host's is used${headers}. \`qpod run --root\` can install one.`);
  }
  if (!place.programs.includes("gdb")) {
    gaps.push(`The environment has no gdb. The host's can attach to its processes: ${join(place.folder, "gdb-attach")} PID`);
  }
  if (findDatabase(place.worktree.root) === undefined) {
    gaps.push("There is no compile_commands.json yet. cmake and meson write one, and so does bear for make; run this again then.");
  }
  return gaps;
}

function compileCommands(place: Workplace): string | undefined {
  const path = findDatabase(place.worktree.root);
  const text = path === undefined ? undefined : readIfThere(path);
  const tree = findClangd(place) === undefined ? place.tree : undefined;
  return text === undefined ? undefined : translateCompileCommands(text, { from: place.path, to: place.worktree.root, tree });
}

/** At the top, or in a folder of builds there. */
function findDatabase(root: string): string | undefined {
  const folders = readdirSync(root, { withFileTypes: true }).filter((entry) => entry.isDirectory() && !entry.name.startsWith("."));
  const places = ["", ...folders.map((entry) => entry.name).sort()];
  return places.map((folder) => join(root, folder, "compile_commands.json")).find(existsSync);
}
