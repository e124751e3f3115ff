import type { Row } from "../support/bench.ts";
import { startPodmanPod } from "../support/podman-pod.ts";
import { atMost, times } from "../support/result.ts";
import { medianRatio } from "../support/statistics.ts";
import { timingsOf } from "../support/take-turns.ts";
import { quote } from "../support/world.ts";

/** The command that has to start the pod, podman engine, beside `podman run` of the same image on the same network. */
export const firstPodman: Row = {
  name: "first-podman",
  async run(bench) {
    const world = bench.makeWorld();
    const { id, repository, podman, limits, image } = await startPodmanPod(bench, world, "podman");
    const down = world.shellCommand(repository, [world.qpodProgram, "down"]);
    const remove = `${[...podman, "rm", "--force", "--time", "0", `qpod-${id}`].map(quote).join(" ")} >/dev/null 2>&1`;
    const command = { cwd: repository, set: world.session, argv: ["/bin/true"] as [string] };
    const run = [...podman, "run", "--rm", ...limits] as [string, ...string[]];
    const turns = await bench.takeTurns(
      {
        run: { what: "podman run --rm --network=host IMAGE true", argv: [...run, "--network=host", image, "/bin/true"] },
        fresh: { ...command, what: "first command, podman, new container", before: `${down}; ${remove}` },
        again: { ...command, what: "first command, podman, container from before", before: down },
      },
      { rounds: 20, env: world.env },
    );
    return {
      lines: [
        atMost("first redirect, podman, over podman run", 1.2, medianRatio(turns.fresh.wall, turns.run.wall), times),
        atMost("the same after `qpod down`", 1.2, medianRatio(turns.again.wall, turns.run.wall), times),
      ],
      timings: timingsOf(turns),
    };
  },
};
