import { existsSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import type { Row } from "../support/bench.ts";
import { writeProject } from "../support/project.ts";
import { definitionOf, launcherVariant } from "../support/redirect-variants.ts";
import { type Line, Skip } from "../support/result.ts";
import { medianRatio } from "../support/statistics.ts";
import { timingsOf } from "../support/take-turns.ts";

/** `make` of a small C project in a pod, and of the same files in a bare chroot of the same root. */
export const build: Row = {
  name: "build",
  async run(bench) {
    const root = await bench.findRoot();
    if (!bench.isRoot) throw new Skip("only root may chroot");
    for (const tool of ["make", "gcc"]) if (!existsSync(join(root, "usr/bin", tool))) throw new Skip(`the old root has no ${tool}`);
    const world = bench.makeWorld();
    const repository = await world.makeRepository("repository");
    writeProject(repository);
    await world.bind(repository, "old", definitionOf(root));
    const jobs = `-j${Math.min(4, availableParallelism())}`;
    const make = ["--silent", "--always-make", jobs];
    const turns = await bench.takeTurns(
      {
        chroot: { what: `make ${jobs} of 40 C files in a bare chroot`, root, cwd: "/mnt/repository", argv: ["/usr/bin/make", ...make] },
        pod: { ...launcherVariant(world, repository, "/usr/bin/make", ...make), what: `make ${jobs} of the same in a pod` },
      },
      // The sources are bound into the root where nobody else sees it.
      {
        rounds: 10,
        env: world.env,
        within: ["unshare", "--mount", "--propagation", "private", "sh", "-c", prepare, "sh", root, repository],
      },
    );
    return {
      // A build keeps every processor busy, and two hundredths of the clock are less than what others' work adds.
      lines: [between("a build in a pod, of a chroot's processor time", medianRatio(turns.pod.processor, turns.chroot.processor))],
      timings: timingsOf(turns),
    };
  },
};

const prepare = `set -e
mount -t tmpfs none "$1/mnt"; mkdir "$1/mnt/repository"; mount --bind "$2" "$1/mnt/repository"; mount --bind /dev "$1/dev"
shift 2; exec "$@"`;

function between(what: string, ratio: number): Line {
  const verdict = ratio >= 0.98 && ratio <= 1.02 ? "within" : "over";
  return { what, budget: "0.98x to 1.02x", measured: `${ratio.toFixed(3)}x`, verdict: ratio < 0.98 ? "within" : verdict };
}
