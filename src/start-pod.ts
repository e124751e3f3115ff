import { closeFolder, findPaths, makePrivateFolder, type Paths } from "./base/paths.ts";
import { terminalProgress } from "./base/progress.ts";
import { finish } from "./cli/finish.ts";
import { dockerEngine } from "./engine/docker.ts";
import { podmanEngine } from "./engine/podman.ts";
import { type PodFacts, readFacts } from "./engine/pods.ts";
import { startWithEngine } from "./engine/start-with-engine.ts";
import { runtimeLayout } from "./launch/layout.ts";
import { leaveSession } from "./launch/leave-session.ts";
import { invokingUser } from "./launch/user.ts";

/**
 * `qpod start-pod ID`, for the launcher: a container whose pod was planned to the end is started as it was planned. A
 * program of its own, since reading all of qpod takes longer than this; all else is that one's to find out.
 */
const [id = ""] = process.argv.slice(3);
const engines = { podman: podmanEngine, docker: dockerEngine };
const planned = findPlanned();

if (planned) finish(() => startPlanned(planned));
else void import("./main.ts");

interface Planned {
  paths: Paths;
  engine: keyof typeof engines;
  pod: NonNullable<PodFacts["pod"]>;
}

function findPlanned(): Planned | undefined {
  let paths: Paths;
  try {
    paths = findPaths();
  } catch {
    // The whole program says what is wrong.
    return undefined;
  }
  const facts = readFacts(runtimeLayout(paths.runtime), id);
  return facts?.pod && (facts.engine === "podman" || facts.engine === "docker")
    ? { paths, engine: facts.engine, pod: facts.pod }
    : undefined;
}

async function startPlanned({ paths, engine, pod }: Planned): Promise<number> {
  leaveSession(process.env, paths.runtime);
  makePrivateFolder(paths.runtime);
  closeFolder(paths.data);
  closeFolder(paths.state);
  const progress = terminalProgress();
  try {
    const starter = { paths, user: invokingUser() };
    await startWithEngine(starter, engines[engine](paths), { ...pod, definition: BigInt(pod.definition) }, progress);
  } finally {
    progress.end();
  }
  return 0;
}
