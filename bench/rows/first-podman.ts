import type { Row } from "../support/bench.ts";
import { startPodmanPod } from "../support/podman-pod.ts";
import { atMost, type RowResult, times } from "../support/result.ts";
import { medianRatio } from "../support/statistics.ts";
import { timingsOf } from "../support/take-turns.ts";

/** The command that has to start the pod, podman engine, beside `podman run` of the same image on the same network. */
export const firstPodman: Row = {
  name: "first-podman",
  async run(bench) {
    const result: RowResult = { lines: [], timings: [] };
    for (const { name, user } of bench.users()) {
      const world = bench.makeWorld(user);
      const { id, repository, podman, limits, image } = await startPodmanPod(bench, world, "podman");
      const down = world.shellCommand(repository, [world.qpodProgram, "down"]);
      const remove = world.shellCommand(repository, [...podman, "rm", "--force", "--time", "0", `qpod-${id}`]);
      const command = { user: world.become, cwd: repository, set: world.session, argv: ["/bin/true"] as [string] };
      const argv = [...podman, "run", "--rm", ...limits, "--network=host", image, "/bin/true"] as [string, ...string[]];
      const turns = await bench.takeTurns(
        {
          run: { what: "podman run --rm --network=host IMAGE true", user: world.become, cwd: repository, argv },
          fresh: { ...command, what: "first command, podman, new container", before: `${down}; ${remove}` },
          again: { ...command, what: "first command, podman, container from before", before: down },
        },
        { rounds: 20, env: world.env },
      );
      result.lines.push(
        atMost(`first redirect, podman, over podman run, as ${name}`, 1.2, medianRatio(turns.fresh.wall, turns.run.wall), times),
        atMost(`the same after \`qpod down\`, as ${name}`, 1.2, medianRatio(turns.again.wall, turns.run.wall), times),
      );
      result.timings.push(...timingsOf(turns, `, as ${name}`));
    }
    return result;
  },
};
