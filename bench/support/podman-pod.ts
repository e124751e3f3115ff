import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { readIfThere } from "../../src/base/files.ts";
import { settableLimits } from "../../src/engine/host-limits.ts";
import { thisHost } from "../../src/engine/host-view.ts";
import type { PodmanFacts } from "../../src/engine/podman-facts.ts";
import { runOrFail } from "../../src/process/run.ts";
import type { Bench } from "./bench.ts";
import { findTool } from "./host.ts";
import { Skip } from "./result.ts";
import type { World } from "./world.ts";

export interface PodmanPod {
  id: string;
  repository: string;
  /** podman and its options, as qpod calls it on this host. */
  podman: [string, ...string[]];
  /** `--ulimit` options without which podman's own defaults may fail. */
  limits: string[];
  image: string;
}

/** A pod of the podman engine, from a tarball of the old root without what only a compiler needs. */
export async function startPodmanPod(bench: Bench, world: World, name: string): Promise<PodmanPod> {
  if (!findTool("podman")) throw new Skip("podman is not installed");
  const archive = await makeArchive(await bench.findRoot(), world);
  const repository = await world.makeRepository(name);
  await world.bind(repository, name, `archive: ${JSON.stringify(archive)}\nengine: podman\ncommands: ["true"]\n`);
  const { id } = world.findPod(name);
  const { facts } = JSON.parse(readFileSync(join(world.layout.folder, "podman.json"), "utf8")) as { facts: PodmanFacts };
  const podman: [string, ...string[]] = [facts.program, ...facts.options];
  const image = await world.runOrFail([...podman, "container", "inspect", "--format", "{{.Image}}", `qpod-${id}`], repository);
  world.atEnd(async () => {
    await world.run([...podman, "rm", "--force", "--time", "0", `qpod-${id}`]);
    await world.run([...podman, "rmi", "--force", image]);
    // An ordinary user's podman leaves one process for each of its temporary folders, to hold its namespace.
    for (const folder of ["libpod/tmp", "qpod/podman-tmp"]) {
      const pause = Number(readIfThere(join(world.env.XDG_RUNTIME_DIR ?? "", folder, "pause.pid")));
      if (pause > 0) process.kill(pause);
    }
  });
  const limits = settableLimits(thisHost()).flatMap((limit) => ["--ulimit", limit]);
  return { id, repository, podman, limits, image };
}

async function makeArchive(root: string, world: World): Promise<string> {
  const file = join(world.folder, "root.tar");
  const without = ["./usr/share", "./usr/include", "./usr/lib/gcc", "./var/cache", "./var/lib/apt", "./proc", "./sys", "./dev", "./tmp"];
  if (!existsSync(file)) await runOrFail(["tar", "-C", root, "-cf", file, ...without.map((path) => `--exclude=${path}/*`), "."]);
  return file;
}
