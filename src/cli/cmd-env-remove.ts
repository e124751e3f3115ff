import { unlinkSync } from "node:fs";
import { QpodError } from "../base/errors.ts";
import { findEnvironment, loadEnvironment } from "../config/find.ts";
import { findBound } from "../engine/find-bound.ts";
import { publish } from "../engine/publish.ts";
import type { Input } from "./command.ts";
import { makeMaker } from "./context.ts";

/** Removes an environment of the user's own, unless a repository still needs it. */
export async function run({ args, options, paths, output }: Input): Promise<number> {
  const name = args[0] ?? "";
  const found = await findEnvironment(name, paths);
  if (!found) {
    await loadEnvironment(name, paths);
    return 0;
  }
  if (found.kind !== "user") {
    throw new QpodError({
      fact: `${name} is not yours to remove`,
      place: { file: found.file },
      remedy: "It comes from a catalog or from the administrator.",
    });
  }
  const maker = makeMaker(paths);
  const { bound } = await findBound(maker);
  const users = bound.filter(({ rules }) => rules.some(({ pod }) => pod.environmentName === name)).map(({ worktree }) => worktree.root);
  if (users.length > 0 && !options.force) {
    throw new QpodError({
      fact: `${name} is bound to ${users.join(", ")}`,
      remedy: "`qpod unbind` there first, or --force: their commands then fail until they are bound anew.",
    });
  }
  unlinkSync(found.file);
  await publish(maker);
  output.line(`removed ${found.file}; \`qpod gc\` frees its root filesystem`);
  return 0;
}
