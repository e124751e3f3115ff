import { accessSync, chmodSync, constants, renameSync } from "node:fs";
import { dirname } from "node:path";
import { errnoOf, QpodError } from "../base/errors.ts";
import type { Paths } from "../base/paths.ts";
import { visible } from "../base/text.ts";
import type { Change } from "./changes.ts";
import { type Journal, readJournal, removeJournal, type Step, writeJournal } from "./keep-journal.ts";
import { isAsBefore, planSteps, sourceOf } from "./keep-steps.ts";
import { copyTrees } from "./native.ts";
import { bytesOf, lookAt, type Raw, textOf } from "./raw.ts";
import { removeTree } from "./remove-tree.ts";
import type { Scratch } from "./scratch.ts";

/** How many conflicts are named in the error; `qpod scratch diff --stat` shows all. */
const NAMED = 5;

/**
 * Applies the changes to the real folder. First all that is new is brought beside its place, where it can fail and
 * nothing is touched; then every piece takes its place in one step. A journal tells what is left to do after a kill.
 * @throws QpodError before anything is touched when the real folder was changed in the same places, or a copy fails.
 */
export async function applyChanges(scratch: Scratch, changes: readonly Change[], paths: Paths): Promise<void> {
  refuseConflicts(changes);
  const journal: Journal = { phase: "preparing", steps: planSteps(scratch, changes), opened: [] };
  journal.opened = findClosed(journal.steps);
  writeJournal(journal, scratch, paths);
  try {
    openFolders(journal);
    await prepare(scratch, journal.steps);
  } catch (error) {
    clearUp(scratch, journal, paths);
    if (error instanceof QpodError)
      throw new QpodError({ fact: `not applied: ${error.fact}`, remedy: untouched(error.remedy), cause: error });
    throw cannotApply(error, "Nothing was touched.");
  }
  journal.phase = "applying";
  writeJournal(journal, scratch, paths);
  await finish(scratch, journal, paths);
}

/**
 * Goes on with a keep that was killed.
 * @returns how many steps it had; undefined when there was none, or it had not touched anything.
 */
export async function finishKeep(scratch: Scratch, paths: Paths): Promise<number | undefined> {
  const journal = readJournal(scratch, paths);
  if (journal?.phase === "preparing") clearUp(scratch, journal, paths);
  if (journal?.phase !== "applying") return undefined;
  await finish(scratch, journal, paths);
  return journal.steps.length;
}

/** Takes back what a killed keep had only prepared. @returns how many steps it had done, which stay. */
export function abandonKeep(scratch: Scratch, paths: Paths): number {
  const journal = readJournal(scratch, paths);
  if (!journal) return 0;
  const done = journal.phase === "applying" ? journal.steps.filter((step) => step.does !== "dress" && isDone(step)).length : 0;
  clearUp(scratch, journal, paths);
  return done;
}

const untouched = (remedy: string | undefined) => ["Nothing was touched.", remedy].filter(Boolean).join(" ");

function refuseConflicts(changes: readonly Change[]): void {
  const conflicts = changes.filter(({ conflict }) => conflict);
  if (conflicts.length === 0) return;
  const named = conflicts.slice(0, NAMED).map(({ path, conflict }) => `${visible(textOf(path))} (${conflict})`);
  const more = conflicts.length > NAMED ? ` and ${conflicts.length - NAMED} more` : "";
  throw new QpodError({
    fact: `not applied, since the real folder has other changes: ${named.join(", ")}${more}`,
    remedy:
      "Nothing was touched. `qpod scratch diff` shows the changes; put the real files back, or take over by hand, then drop the scratch.",
  });
}

/** Folders of ours that nobody may write into: a scratch's command opened them, did its work and closed them again. */
function findClosed(steps: readonly Step[]): [Raw, number][] {
  const folders = new Set(steps.filter(({ does }) => does !== "dress").map(({ target }) => dirname(target)));
  return [...folders].flatMap((folder): [Raw, number][] => {
    const info = lookAt(folder);
    if (!info || info.uid !== process.getuid?.() || isWritable(folder)) return [];
    return [[folder, info.mode & 0o7777]];
  });
}

function isWritable(folder: Raw): boolean {
  try {
    accessSync(bytesOf(folder), constants.W_OK | constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function openFolders({ opened }: Journal): void {
  for (const [folder, mode] of opened) chmodSync(bytesOf(folder), mode | 0o700);
}

async function prepare(scratch: Scratch, steps: readonly Step[]): Promise<void> {
  const pairs = steps.flatMap((step): [Raw, Raw][] => (step.does === "put" ? [[sourceOf(scratch, step.target), step.aside]] : []));
  await copyTrees(pairs, "f");
}

async function finish(scratch: Scratch, journal: Journal, paths: Paths): Promise<void> {
  let done = 0;
  for (const step of journal.steps) {
    if (step.does === "dress") continue;
    try {
      if (!isDone(step)) take(step);
      done++;
    } catch (error) {
      throw cannotApply(error, `${done} of ${journal.steps.length} changes were applied: say \`qpod scratch keep\` again for the rest.`);
    }
  }
  clearUp(scratch, journal, paths, true);
  const dressing = journal.steps.flatMap((step): [Raw, Raw][] => (step.does === "dress" ? [[step.source, step.target]] : []));
  await copyTrees(dressing, "df");
  removeJournal(scratch, paths);
}

/** What was brought beside its place is there until it takes it; what was removed is put there. */
const isDone = (step: Step) => (step.does === "put" ? !lookAt(step.aside) : step.does === "remove" && lookAt(step.aside) !== undefined);

function take(step: Exclude<Step, { does: "dress" }>): void {
  const isHalfDone = step.does === "put" && step.old !== undefined && lookAt(step.old) !== undefined;
  const theirs = lookAt(step.target);
  if (step.does === "remove" && !theirs) return;
  if (isHalfDone ? theirs : !isAsBefore(theirs, step.before)) {
    throw new QpodError({
      fact: `${visible(textOf(step.target))} was changed while the changes were applied`,
      remedy: "Move yours elsewhere.",
    });
  }
  if (step.does === "remove") move(step.target, step.aside);
  else {
    if (step.old !== undefined && !isHalfDone) move(step.target, step.old);
    move(step.aside, step.target);
  }
}

function move(from: Raw, to: Raw): void {
  try {
    renameSync(bytesOf(from), bytesOf(to));
  } catch (error) {
    throw new QpodError({
      fact: `cannot move ${visible(textOf(from))} to ${visible(textOf(to))}: ${errnoOf(error) ?? error}`,
      cause: error,
    });
  }
}

/** Removes what lies beside its place, and closes folders again. */
function clearUp(scratch: Scratch, { steps, opened }: Journal, paths: Paths, isGoingOn = false): void {
  for (const step of steps) {
    if (step.does === "dress") continue;
    removeTree(step.aside);
    if (step.does === "put" && step.old !== undefined) removeTree(step.old);
  }
  for (const [folder, mode] of opened) if (lookAt(folder)) chmodSync(bytesOf(folder), mode);
  if (!isGoingOn) removeJournal(scratch, paths);
}

function cannotApply(error: unknown, what: string): QpodError {
  const known = error instanceof QpodError ? error : undefined;
  return new QpodError({
    fact: known?.fact ?? `cannot apply the changes: ${errnoOf(error) ?? error}`,
    remedy: [known?.remedy, what].filter(Boolean).join(" "),
    cause: error,
  });
}
