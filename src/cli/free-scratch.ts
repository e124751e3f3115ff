import { QpodError } from "../base/errors.ts";
import type { Paths } from "../base/paths.ts";
import { removePod } from "../engine/garbage-pods.ts";
import type { Scratch } from "../scratch/scratch.ts";
import { findUsers } from "../scratch/users.ts";
import { makeMaker } from "./context.ts";

/**
 * An overlay's changes may be shown once at a time: on the host, or in one pod. Ends the scratch's idle pod where the
 * host, or nobody, is to have them next.
 * @throws QpodError while a command stands in the way.
 */
export async function freeScratch(scratch: Scratch, paths: Paths, next: "pod" | "host" | "nobody"): Promise<void> {
  const { commands, holders } = findUsers(scratch);
  const isShared = next !== "nobody" && (scratch.way !== "overlay" || (next === "pod" && holders.length > 0));
  if (commands.length > 0 && !isShared) {
    throw new QpodError({
      fact: `a command of the scratch of ${scratch.folder} still runs (pid ${commands.slice(0, 5).join(", ")})`,
      remedy: "Wait for its end, or end it.",
    });
  }
  if (next !== "pod" && scratch.pod && (next === "nobody" || holders.length > 0)) {
    const maker = makeMaker(paths);
    await removePod(maker, maker.engines, scratch.pod);
  }
}
