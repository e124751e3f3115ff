import { QpodError } from "../base/errors.ts";
import { type BoundPod, makePod, type PodMaker } from "../engine/bound-pods.ts";
import type { Pod } from "../engine/engine.ts";
import { writeStartFile } from "../engine/publish.ts";
import { type Operation, op } from "../launch/operations.ts";
import { overlayOf } from "./operations.ts";
import { type Scratch, storeOf, writeScratch } from "./scratch.ts";

/**
 * The plan by which the program in front becomes a command of the environment: in a pod of its own, in which the work
 * tree is shown with the changes. It begins with the environment's root as it is defined.
 */
export function planInPod(maker: PodMaker, scratch: Scratch, bound: BoundPod, usual: Pod, words: number): Operation[] {
  const engine = bound.choice?.engine;
  const overlay = overlayOf(scratch);
  if (!engine) throw new QpodError({ fact: `the environment ${bound.environmentName} has no engine` });
  if (overlay && !engine.startList) {
    throw new QpodError({
      fact: `${engine.name} cannot show an overlay of qpod's in the work tree's place`,
      remedy: "Drop the scratch and begin it with a copy: qpod scratch --way copy -- COMMAND.",
    });
  }
  const { merged } = storeOf(scratch);
  const pod = makePod(maker, engine, usual.worktree, usual.environment, usual.root, overlay ? { merged, overlay } : { merged });
  writeStartFile(maker, { ...bound, pod, id: pod.id });
  writeScratch({ ...scratch, pod: pod.id }, maker.paths);
  return [{ code: op.enter, numbers: [words, 0, pod.definition], strings: [maker.paths.runtime, pod.id, ""] }];
}
