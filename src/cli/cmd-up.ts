import { QpodError } from "../base/errors.ts";
import { loadEnvironment } from "../config/find.ts";
import { planPod } from "../engine/bound-pods.ts";
import { prepareRoot, startByLauncher } from "../engine/bring-up.ts";
import { chooseRule } from "../engine/choose-rule.ts";
import { publish, writeStartFile } from "../engine/publish.ts";
import { endSuperseded } from "../engine/superseded.ts";
import type { Input } from "./command.ts";
import { makeMaker, requireWorktree, withProgress } from "./context.ts";

/** Starts the pod of this repository, fetching its root filesystem first if need be. */
export async function run({ args, paths, output }: Input): Promise<number> {
  const maker = makeMaker(paths);
  const worktree = requireWorktree();
  const name = args[0];
  const bound = name ? await planPod(maker, worktree, () => loadEnvironment(name, paths), name) : (await chooseRule(maker, worktree))?.pod;
  if (!bound)
    throw new QpodError({
      fact: `${worktree.root} is not bound to an environment on this branch`,
      remedy: "`qpod init ENVIRONMENT` binds it.",
    });
  const pod = await withProgress((progress) => prepareRoot(maker, bound, progress));
  await publish(maker);
  writeStartFile(maker, bound);
  await startByLauncher(maker, pod);
  await endSuperseded(maker);
  output.line(`${bound.environmentName} is up (pod ${pod.id}, ${bound.choice?.engine.name} engine)`);
  return 0;
}
