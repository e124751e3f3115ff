import { realpathSync } from "node:fs";
import { QpodError } from "../base/errors.ts";
import { readIfThere } from "../base/files.ts";
import { prepareRoot } from "../engine/bring-up.ts";
import { chooseRule } from "../engine/choose-rule.ts";
import { publish } from "../engine/publish.ts";
import type { Operation } from "../launch/operations.ts";
import { handOver } from "../launch/plan.ts";
import { currentDirectory, findWorktree } from "../repo/find.ts";
import { beginScratch } from "../scratch/begin.ts";
import { planInPod } from "../scratch/run-in-pod.ts";
import { planOnHost } from "../scratch/run-on-host.ts";
import { markOf, type Scratch } from "../scratch/scratch.ts";
import { askLauncher } from "../session/explanation.ts";
import type { Input } from "./command.ts";
import { makeMaker, withProgress } from "./context.ts";
import { freeScratch } from "./free-scratch.ts";
import { scratchFolder } from "./scratch-folder.ts";

/** Runs a command where it belongs, with the folder's changes kept apart; the program in front becomes the command. */
export async function run(input: Input): Promise<number> {
  const { args, options, paths } = input;
  if (readIfThere(markOf(paths))) {
    throw new QpodError({ fact: "this runs in a scratch already", remedy: "What it changes is on trial as it is." });
  }
  const folder = options.system ? "/" : scratchFolder(typeof options.folder === "string" ? options.folder : undefined);
  const way = typeof options.way === "string" ? options.way : undefined;
  const inside = await findEnvironment(input, folder);
  const scratch = await withProgress((progress) => beginScratch(folder, way ?? inside?.way, paths, progress));
  await freeScratch(scratch, paths, inside ? "pod" : "host");
  handOver(inside ? inside.plan(scratch) : planOnHost(scratch, args, currentDirectory().toString(), paths));
  return 0;
}

/** How the command runs in the environment that it belongs to; undefined when it is the host's. */
async function findEnvironment({ args, paths }: Input, folder: string) {
  const worktree = findWorktree();
  const maker = makeMaker(paths);
  const rule = worktree && (await chooseRule(maker, worktree));
  if (!worktree || !rule) return undefined;
  await publish(maker);
  const { place } = await askLauncher(paths.runtime, args[0] ?? "");
  if (place !== "pod") return undefined;
  if (folder !== realpathSync(worktree.root)) {
    throw new QpodError({
      fact: `${args[0]} belongs in environment ${rule.pod.environmentName}, where only the repository can be a scratch`,
      remedy: "Leave out --folder and --system.",
    });
  }
  const pod = await withProgress((progress) => prepareRoot(maker, rule.pod, progress));
  return {
    way: rule.pod.choice?.engine.startList ? undefined : "copy",
    plan: (scratch: Scratch): Operation[] => planInPod(maker, scratch, rule.pod, pod, args.length),
  };
}
