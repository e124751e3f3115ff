import { QpodError } from "../base/errors.ts";
import type { Paths } from "../base/paths.ts";
import type { HostFact } from "../engine/host-view.ts";
import { publish } from "../engine/publish.ts";
import { runtimeLayout } from "../launch/layout.ts";
import { nativeFile } from "../launch/locate.ts";
import { run } from "../process/run.ts";
import { makeMaker } from "./context.ts";

/** Whether qpod's own parts work together here: native programs, policy, and the preload library in a real program. */
export async function examineInstallation(paths: Paths): Promise<HostFact[]> {
  const facts: HostFact[] = [];
  const check = async (name: string, action: () => Promise<HostFact[]>) => {
    try {
      facts.push(...(await action()));
    } catch (error) {
      if (!(error instanceof QpodError)) throw error;
      facts.push({ name, state: "problem", fact: error.fact, ...(error.remedy ? { remedy: error.remedy } : {}) });
    }
  };
  await check("native programs", async () => [{ name: "native programs", state: "ok", fact: nativeFile("qpod-launch") }]);
  await check("policy", async () => {
    const { bound, problems } = await publish(makeMaker(paths));
    const broken = bound.flatMap(({ worktree, rules }) =>
      rules.flatMap(({ pod }): HostFact[] =>
        pod.problem
          ? [
              {
                name: worktree.root,
                state: "problem",
                fact: pod.problem.fact,
                ...(pod.problem.remedy ? { remedy: pod.problem.remedy } : {}),
              },
            ]
          : [],
      ),
    );
    const left = problems.map(
      (problem): HostFact => ({
        name: problem.place?.file ?? "repository",
        state: "problem",
        fact: problem.fact,
        ...(problem.remedy ? { remedy: problem.remedy } : {}),
      }),
    );
    return [{ name: "policy", state: "ok", fact: `${bound.length} bound work trees, in ${paths.runtime}` }, ...broken, ...left];
  });
  await check("interception", async () => [await tryPreload(paths)]);
  return facts;
}

/** A dynamic linker that cannot load the library says so on stderr, at each start of each program. */
async function tryPreload(paths: Paths): Promise<HostFact> {
  const { preload } = runtimeLayout(paths.runtime);
  const result = await run(["env", "true"], { env: { ...process.env, LD_PRELOAD: preload } });
  if (result.status === 0 && result.stderr === "") return { name: "interception", state: "ok", fact: "the preload library loads" };
  return {
    name: "interception",
    state: "problem",
    fact: `the preload library does not load: ${result.stderr.trim()}`,
    remedy: "Build qpod again on this machine: `make clean build`.",
  };
}
