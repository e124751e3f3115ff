import { endSuperseded } from "../engine/superseded.ts";
import type { Input } from "./command.ts";
import { makeMaker, requireWorktree } from "./context.ts";

/** Ends pods. What still runs in them goes on to its end; the next command starts a new pod. */
export async function run({ options, paths, output }: Input): Promise<number> {
  const maker = makeMaker(paths);
  const root = options.all ? undefined : requireWorktree().root;
  const pods = (await endSuperseded(maker)).filter((pod) => root === undefined || pod.worktree === root);
  for (const pod of pods) {
    await maker.engines.find(({ name }) => name === pod.engine)?.stop(pod.id);
    const count = pod.commands.length;
    const left = count === 0 ? "" : count === 1 ? "; 1 command still runs in it" : `; ${count} commands still run in it`;
    output.line(`ended ${pod.id}${left}`);
  }
  if (pods.length === 0) output.line("no pod was up");
  return 0;
}
