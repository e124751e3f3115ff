import { unlinkSync } from "node:fs";
import { QpodError } from "../base/errors.ts";
import { requireOwnEnvironment } from "../config/write.ts";
import { findBound } from "../engine/find-bound.ts";
import { publish } from "../engine/publish.ts";
import type { Input } from "./command.ts";
import { makeMaker } from "./context.ts";

/** Removes an environment of the user's own, unless a repository still needs it. */
export async function run({ args, options, paths, output }: Input): Promise<number> {
  const name = args[0] ?? "";
  const { file } = await requireOwnEnvironment(name, paths);
  const maker = makeMaker(paths);
  const { bound } = await findBound(maker);
  const users = bound.filter(({ rules }) => rules.some(({ pod }) => pod.environmentName === name)).map(({ worktree }) => worktree.root);
  if (users.length > 0 && !options.force) {
    throw new QpodError({
      fact: `${users.join(", ")} ${users.length === 1 ? "is" : "are"} bound to ${name}`,
      remedy: "`qpod unbind` there first, or --force: their commands then fail until they are bound anew.",
    });
  }
  unlinkSync(file);
  await publish(maker);
  output.line(`removed ${file}; \`qpod gc\` frees its root filesystem`);
  return 0;
}
