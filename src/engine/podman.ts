import { existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import { QpodError } from "../base/errors.ts";
import type { Paths } from "../base/paths.ts";
import type { Environment } from "../config/environment.ts";
import { readStartTime } from "../launch/first-process.ts";
import { runtimeLayout } from "../launch/layout.ts";
import { lastWords } from "../process/run.ts";
import { discardImage } from "./container-image.ts";
import { forgetLostImage } from "./container-lost.ts";
import { containerName, label } from "./container-names.ts";
import { hasRecords } from "./container-records.ts";
import type { Assessment, Engine, RunningPod } from "./engine.ts";
import { clone } from "./entry.ts";
import { crunRefuses } from "./host-cgroups.ts";
import { probeSubordinateIds } from "./host-ids.ts";
import { probeNamespaceSwitches } from "./host-namespaces.ts";
import { type HostView, thisHost } from "./host-view.ts";
import { homeFolderOf, mountsOf } from "./mounts.ts";
import { Podman } from "./podman-call.ts";
import { type PodmanFacts, readPodmanFacts } from "./podman-facts.ts";
import { obtainImage } from "./podman-image.ts";
import { lookIntoImage, removeForgottenLooks } from "./podman-look.ts";
import { removeHome } from "./podman-remove.ts";
import { startContainer } from "./podman-start.ts";

/** The engine that leaves images, their store and their registries to podman. */
export function podmanEngine(paths: Paths, host: HostView = thisHost()): Engine {
  let asked: Promise<Podman> | undefined;
  const podman = () => (asked ??= readPodmanFacts(host, paths).then((facts) => new Podman(facts, host.env)));
  // Rootless podman leaves a process of its own behind once it is asked: not to be asked by those who never used it.
  const isUsed = () => host.program("podman") !== undefined && hasRecords(paths, "podman");

  return {
    name: "podman",
    assess: (environment) => assess(environment, host, async () => (await podman()).facts),
    async prepare(environment, progress, renew = false) {
      const engine = await podman();
      const image = await obtainImage(engine, environment, progress, { data: paths.data, renew });
      progress.step(`looking into ${environment.name}`);
      const { programs, locales } = await lookIntoImage(engine, host, image.id, image.config.env.PATH);
      const fetched = image.fetchedAs ? { fetchedAs: image.fetchedAs } : {};
      return { identity: `podman:${image.id}`, config: image.config, programs, locales, imageId: image.id, ...fetched };
    },
    async start(pod, progress) {
      const files = { pid: join(runtimeLayout(paths.runtime).pods, `${pod.id}.pid`), record: recordOf(pod.id, paths) };
      const engine = await podman();
      return startContainer(engine, host, pod, mountsOf(pod, paths, host.env), files, progress).catch(async (error) => {
        await forgetLostImage(engine, paths, pod);
        throw error;
      });
    },
    joins: () => (host.uid === 0 ? clone.mount : clone.mount | clone.user),
    async stop(id) {
      const result = await (await podman()).call(["stop", "--ignore", "--time", "2", containerName(id)]);
      if (result.status !== 0) throw new QpodError({ fact: `podman cannot stop ${containerName(id)}: ${lastWords(result.stderr)}` });
    },
    list: async () => (isUsed() ? listRunning(await podman()) : []),
    measure: async (id) => (isUsed() ? measureContainer(await podman(), id) : 0),
    async remove(id) {
      if (!isUsed()) return;
      const home = homeFolderOf(id, paths);
      if (existsSync(home)) await removeHome(await podman(), home);
      await removeContainer(await podman(), id);
      rmSync(recordOf(id, paths), { force: true });
    },
    discard: async (root, dryRun, gone) => (isUsed() ? discardImage(await podman(), root, { dryRun, gone }) : 0),
    sweep: async (dryRun) => (isUsed() ? removeForgottenLooks(await podman(), dryRun) : []),
  };
}

/** Says that podman has a container for the pod. */
function recordOf(id: string, paths: Paths): string {
  return join(paths.data, "containers", id);
}

async function assess(environment: Environment, host: HostView, facts: () => Promise<PodmanFacts>): Promise<Assessment> {
  const { kind } = environment.root;
  if (kind !== "image" && kind !== "archive" && kind !== "containerfile") {
    return { able: false, reason: `podman runs images, and this is a root of the kind "${kind}"` };
  }
  // What podman is like is known from before such a switch was set; and asked, it has words of its own for it.
  const isRootless = host.uid !== 0 && !host.env.CONTAINER_HOST && host.program("podman") !== undefined;
  const switches = isRootless ? probeNamespaceSwitches(host) : undefined;
  if (switches?.state === "problem") {
    return { able: false, reason: `user namespaces: ${switches.fact}`, ...(switches.remedy ? { remedy: switches.remedy } : {}) };
  }
  try {
    const { version, rootless, runtime } = await facts();
    if (runtime === "crun" && crunRefuses(host)) {
      return { able: false, reason: "crun refuses this host's hybrid cgroups", remedy: "Install runc." };
    }
    if (!rootless && host.uid !== 0) {
      const remedy = "Say `engine: docker`, whose client talks to podman's socket too; or unset CONTAINER_HOST.";
      return { able: false, reason: "podman is root's here, behind a socket (CONTAINER_HOST)", remedy };
    }
    const ids = probeSubordinateIds(host);
    if (rootless && ids.state === "problem") return { able: false, reason: ids.fact, ...(ids.remedy ? { remedy: ids.remedy } : {}) };
    return { able: true, reason: `podman ${version} ${rootless ? "rootless" : "as root"}` };
  } catch (error) {
    if (!(error instanceof QpodError)) throw error;
    return { able: false, reason: error.fact, ...(error.remedy ? { remedy: error.remedy } : {}) };
  }
}

async function listRunning(podman: Podman): Promise<RunningPod[]> {
  const text = await podman.callOrFail(["ps", "--filter", `label=${label.id}`, "--format", "json"], "podman cannot list pods");
  const containers = JSON.parse(text || "[]") as { Pid: number; Labels: Record<string, string> }[];
  return containers.flatMap(({ Pid: pid, Labels }): RunningPod[] => {
    const startTime = readStartTime(pid);
    const id = Labels[label.id];
    return startTime === undefined || !id ? [] : [{ id, pid, startTime }];
  });
}

/** What was written in the container; 0 when there is none. */
async function measureContainer(podman: Podman, id: string): Promise<number> {
  const size = await podman.call(["container", "inspect", "--size", "--format", "{{.SizeRw}}", containerName(id)]);
  return Number(size.stdout.trim()) || 0;
}

async function removeContainer(podman: Podman, id: string): Promise<void> {
  await podman.callOrFail(
    ["rm", "--force", "--ignore", "--volumes", "--time", "2", containerName(id)],
    `cannot remove ${containerName(id)}`,
  );
}
