import { existsSync, rmSync } from "node:fs";
import { QpodError } from "../base/errors.ts";
import type { Paths } from "../base/paths.ts";
import type { Environment } from "../config/environment.ts";
import { readStartTime } from "../launch/first-process.ts";
import { runtimeLayout } from "../launch/layout.ts";
import { sayError } from "./container-call.ts";
import { discardImage } from "./container-image.ts";
import { forgetLostImage } from "./container-lost.ts";
import { containerName, label } from "./container-names.ts";
import { hasRecords } from "./container-records.ts";
import { socketOf } from "./docker-attend.ts";
import { Docker, isMissing } from "./docker-call.ts";
import { type DockerFacts, dockerVariables, readDockerFacts } from "./docker-facts.ts";
import { lookIntoImage, obtainImage } from "./docker-image.ts";
import { removeHome } from "./docker-remove.ts";
import { startContainer } from "./docker-start.ts";
import type { Assessment, Engine, RunningPod } from "./engine.ts";
import { clone } from "./entry.ts";
import { settableLimits } from "./host-limits.ts";
import { type HostView, thisHost } from "./host-view.ts";
import { homeFolderOf, mountsOf } from "./mounts.ts";

/** The engine that leaves images, their store and their registries to docker's daemon. */
export function dockerEngine(paths: Paths, host: HostView = thisHost()): Engine {
  let asked: Promise<Docker> | undefined;
  const env = dockerVariables(host.env);
  const docker = () => (asked ??= readDockerFacts(host, paths).then((facts) => new Docker(facts, env)));
  const servedFolder = (id: string) => (host.uid === 0 ? undefined : runtimeLayout(paths.runtime).served(id));
  const isUsed = () => host.program("docker") !== undefined && hasRecords(paths, "docker");

  return {
    name: "docker",
    assess: (environment) => assess(environment, host, async () => (await docker()).facts),
    async prepare(environment, progress, renew) {
      const engine = await docker();
      const image = await obtainImage(engine, environment, progress, renew);
      progress.step(`looking into ${environment.name}`);
      const { programs, locales } = await lookIntoImage(engine, host, image.id, image.config.env.PATH);
      const fetched = image.fetchedAs ? { fetchedAs: image.fetchedAs } : {};
      return { identity: `docker:${image.id}`, config: image.config, programs, locales, imageId: image.id, ...fetched };
    },
    async start(pod, progress) {
      const start = {
        pod,
        limits: settableLimits(host),
        mounts: mountsOf(pod, paths, host.env),
        served: servedFolder(pod.id),
        lends: host.env.QPOD_SERVE !== "1",
      };
      const engine = await docker();
      return startContainer(engine, start, progress).catch(async (error) => {
        await forgetLostImage(engine, paths, pod);
        throw error;
      });
    },
    // Of root's containers root joins what there is; others are lent a namespace of their own.
    joins: () => (host.uid === 0 ? clone.mount : clone.mount | clone.user),
    server(id) {
      const folder = servedFolder(id);
      return folder && socketOf(folder);
    },
    async stop(id) {
      const result = await (await docker()).call(["stop", "-t", "2", containerName(id)]);
      if (result.status !== 0 && !isMissing(result))
        throw new QpodError({ fact: `docker cannot stop ${containerName(id)}: ${sayError(result.stderr)}` });
    },
    async list() {
      if (!isUsed()) return [];
      // Where the daemon does not run, no pod does either.
      const engine = await docker().catch(() => undefined);
      return engine ? listRunning(engine, host.uid) : [];
    },
    measure: async (id) => (isUsed() ? measureContainer(await docker(), id) : 0),
    async remove(id) {
      if (!isUsed()) return;
      const home = homeFolderOf(id, paths);
      if (existsSync(home)) await removeHome(await docker(), id, home, settableLimits(host));
      const served = servedFolder(id);
      if (served) rmSync(served, { recursive: true, force: true });
      const result = await (await docker()).call(["rm", "--force", "--volumes", containerName(id)]);
      if (result.status !== 0 && !isMissing(result))
        throw new QpodError({ fact: `cannot remove ${containerName(id)}: ${sayError(result.stderr)}` });
    },
    discard: async (root, dryRun, gone) => (isUsed() ? discardImage(await docker(), root, { dryRun, gone }) : 0),
  };
}

async function assess(environment: Environment, host: HostView, facts: () => Promise<DockerFacts>): Promise<Assessment> {
  const { kind } = environment.root;
  if (kind !== "image" && kind !== "archive" && kind !== "containerfile") {
    return { able: false, reason: `docker runs images, and this is a root of the kind "${kind}"` };
  }
  try {
    const { version } = await facts();
    return { able: true, reason: `docker ${version} ${host.uid === 0 ? "as root" : "as a member of its group"}` };
  } catch (error) {
    if (!(error instanceof QpodError)) throw error;
    return { able: false, reason: error.fact, ...(error.remedy ? { remedy: error.remedy } : {}) };
  }
}

/** The daemon serves everybody: only the containers of this user's pods are told of. */
async function listRunning(docker: Docker, uid: number): Promise<RunningPod[]> {
  const ids = await docker.callOrFail(["ps", "--quiet", "--filter", `label=${label.user}=${uid}`], "docker cannot list pods");
  if (ids === "") return [];
  const { stdout } = await docker.call(["container", "inspect", ...ids.split("\n")]);
  const containers = JSON.parse(stdout || "[]") as { State: { Pid: number }; Config: { Labels: Record<string, string> } }[];
  return containers.flatMap(({ State, Config }): RunningPod[] => {
    const startTime = readStartTime(State.Pid);
    const id = Config.Labels[label.id];
    return startTime === undefined || !id ? [] : [{ id, pid: State.Pid, startTime }];
  });
}

/** What was written in the container; 0 when there is none. */
async function measureContainer(docker: Docker, id: string): Promise<number> {
  const size = await docker.call(["container", "inspect", "--size", "--format", "{{.SizeRw}}", containerName(id)]);
  return Number(size.stdout.trim()) || 0;
}
