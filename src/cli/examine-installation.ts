import { accessSync, constants, existsSync } from "node:fs";
import { dirname } from "node:path";
import { errnoOf, QpodError, remedyFor } from "../base/errors.ts";
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
      facts.push(problemOf(name, error));
    }
  };
  await check("native programs", async () => [{ name: "native programs", state: "ok", fact: nativeFile("qpod-launch") }]);
  for (const [name, folder] of [
    ["data folder", paths.data],
    ["state folder", paths.state],
  ] as const)
    await check(name, async () => [tryWriting(name, folder)]);
  await check("policy", async () => {
    const { bound, problems } = await publish(makeMaker(paths));
    const broken = bound.flatMap(({ worktree, rules }) =>
      rules.flatMap(({ pod }) => (pod.problem ? [problemOf(worktree.root, pod.problem)] : [])),
    );
    const left = problems.map((problem) => problemOf(problem.place?.file ?? "repository", problem));
    return [{ name: "policy", state: "ok", fact: `${bound.length} bound work trees, in ${paths.runtime}` }, ...broken, ...left];
  });
  await check("interception", async () => [await tryPreload(paths)]);
  return facts;
}

function problemOf(name: string, { fact, remedy }: QpodError): HostFact {
  return { name, state: "problem", fact, ...(remedy ? { remedy } : {}) };
}

/** Pods that are up do without; a new one makes its layer there, and the kernel's own words for that are of no help. */
function tryWriting(name: string, folder: string): HostFact {
  const existing = nearestExisting(folder);
  try {
    accessSync(existing, constants.W_OK);
    return { name, state: "ok", fact: folder };
  } catch (error) {
    return problemOf(name, new QpodError({ fact: `${existing} cannot be written: ${errnoOf(error)}`, remedy: remedyFor(error) }));
  }
}

function nearestExisting(folder: string): string {
  return existsSync(folder) || folder === "/" ? folder : nearestExisting(dirname(folder));
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
