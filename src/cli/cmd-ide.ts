import { appendFileSync, mkdirSync, rmSync, symlinkSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { readIfThere, replaceFile } from "../base/files.ts";
import { prepareRoot } from "../engine/bring-up.ts";
import { publish } from "../engine/publish.ts";
import { listGaps, type PlannedFile, planFiles } from "../ide/plan.ts";
import { ideFolder, type Workplace } from "../ide/workplace.ts";
import { nativeFile } from "../launch/locate.ts";
import { run as runProgram } from "../process/run.ts";
import { requireBoundPod } from "./choose-pod.ts";
import type { Input } from "./command.ts";
import { makeMaker, requireWorktree, withProgress } from "./context.ts";

/** Prints or writes what an editor needs to use the environment. Nothing of the user's own is changed. */
export async function run({ options, paths, output }: Input): Promise<number> {
  const place = await describe(paths);
  const files = await planFiles(place, (file) => isTracked(place.worktree.root, file));
  if (options.write) for (const file of files) if (file.refused === undefined) await write(place, file);
  if (options.write) linkPrograms(place.folder);
  const gaps = listGaps(place);
  if (options.json) {
    output.json({ folder: place.folder, files, gaps, written: options.write === true });
    return 0;
  }
  for (const file of files) {
    const full = !options.write || file.refused !== undefined;
    output.line(full ? `# ${file.path}` : file.path);
    if (file.refused !== undefined) output.line(`# Not written, since ${file.refused}; add what you want of it:`);
    if (full) output.text(file.text);
    if (file.kept.length > 0) output.line(`  left as you have it: ${file.kept.join(", ")}`);
  }
  for (const gap of gaps) output.line(gap);
  return 0;
}

async function describe(paths: Input["paths"]): Promise<Workplace> {
  const worktree = requireWorktree();
  const maker = makeMaker(paths);
  const bound = await requireBoundPod(maker, worktree);
  const pod = await withProgress((progress) => prepareRoot(maker, bound, progress));
  await publish(maker);
  const { path } = pod.environment;
  const tree = pod.root.tree?.folder;
  return {
    worktree,
    environment: bound.environmentName,
    programs: pod.root.programs,
    folder: ideFolder(worktree),
    ...(path === undefined || path === worktree.root ? {} : { path }),
    ...(tree === undefined || tree === "/" ? {} : { tree }),
  };
}

async function write(place: Workplace, file: PlannedFile): Promise<void> {
  if (readIfThere(file.path) === file.text) return;
  mkdirSync(dirname(file.path), { recursive: true });
  replaceFile(file.path, file.text, file.mode);
  if (file.shared) await exclude(place, relative(place.worktree.root, file.path));
}

/** Named as the user's commands are, since the launcher goes by the name that it is started by. */
function linkPrograms(folder: string): void {
  for (const name of ["qpod", "qpod-shell"]) {
    rmSync(join(folder, name), { force: true });
    symlinkSync(nativeFile("qpod-launch"), join(folder, name));
  }
}

async function isTracked(root: string, file: string): Promise<boolean> {
  return (await runProgram(["git", "-c", "core.fsmonitor=false", "-C", root, "ls-files", "--error-unmatch", "--", file])).status === 0;
}

/** Paths of this machine are nobody else's business. */
async function exclude({ worktree }: Workplace, file: string): Promise<void> {
  if ((await runProgram(["git", "-c", "core.fsmonitor=false", "-C", worktree.root, "check-ignore", "--quiet", "--", file])).status === 0)
    return;
  const list = join(worktree.commonDir, "info", "exclude");
  mkdirSync(dirname(list), { recursive: true });
  const text = readIfThere(list) ?? "";
  appendFileSync(list, `${text === "" || text.endsWith("\n") ? "" : "\n"}/${file}\n`);
}
