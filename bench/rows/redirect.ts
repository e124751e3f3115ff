import { join } from "node:path";
import type { Bench, Row } from "../support/bench.ts";
import { otherWays } from "../support/beside.ts";
import { startPodmanPod } from "../support/podman-pod.ts";
import { definitionOf, directVariant, launcherVariant } from "../support/redirect-variants.ts";
import { atLeast, atMost, type Line, milliseconds, type RowResult, Skip, times } from "../support/result.ts";
import { quiet, quietDifference } from "../support/statistics.ts";
import { brief, timingsOf, type Variant } from "../support/take-turns.ts";
import type { World } from "../support/world.ts";

/** A redirected command while its pod is up, beside the same program run directly and beside the other ways in. */
export const redirect: Row = {
  name: "redirect",
  async run(bench) {
    const result: RowResult = { lines: [], timings: [] };
    for (const { name, user } of bench.users()) {
      const world = bench.makeWorld(user);
      const one = await measure(bench, world, name);
      result.lines.push(...one.lines);
      result.timings.push(...one.timings);
    }
    return result;
  },
};

async function measure(bench: Bench, world: World, who: string): Promise<RowResult> {
  const root = await bench.findRoot();
  const repository = await world.makeRepository("repository");
  await world.bind(repository, "old", definitionOf(root));
  const nothing = join(repository, "nothing");
  const suffix = `, as ${who}`;
  const { variants, missing } = await otherWays(bench, world, world.findPod("old").pid, suffix);
  const podman = await podmanVariants(bench, world, who);
  const turns = await bench.takeTurns(
    {
      nothing: {
        what: `a static program that does nothing, directly${suffix}`,
        ...brief,
        user: world.become,
        cwd: repository,
        argv: [nothing],
      },
      launched: { ...launcherVariant(world, repository, nothing), what: `the same by the launcher${suffix}`, ...brief },
      entered: {
        what: `the same in a session${suffix}`,
        ...brief,
        user: world.become,
        cwd: repository,
        set: world.session,
        argv: [nothing],
      },
      true: { ...directVariant(bench, world, root, "/bin/true"), what: `true of the old root, directly${suffix}`, ...brief },
      trueEntered: {
        what: `the same in a session${suffix}`,
        ...brief,
        user: world.become,
        cwd: repository,
        set: world.session,
        argv: ["/bin/true"],
      },
      ...(variants as Record<"nsenter", Variant>),
      ...(podman.variants as Record<"exec", Variant>),
    },
    { rounds: 100, env: world.env },
  );
  const lines = [
    atMost(
      `redirected, warm, a static program${suffix}`,
      250e3,
      quietDifference(turns.entered.wall, turns.nothing.wall),
      milliseconds,
      "+",
    ),
    atMost(
      `redirected, warm, the old root's true${suffix}`,
      250e3,
      quietDifference(turns.trueEntered.wall, turns.true.wall),
      milliseconds,
      "+",
    ),
    ...missing.map((reason): Line => skipped(`${reason.split(" ")[0]} beside it${suffix}`, reason)),
  ];
  if (podman.variants.exec) {
    const ratio = quiet(turns.exec.wall) / quiet(turns.trueEntered.wall);
    lines.push(atLeast(`redirected, warm, faster than podman exec${suffix}`, 100, ratio, times));
  } else {
    lines.push(skipped(`redirected, warm, faster than podman exec${suffix}`, podman.reason));
  }
  return { lines, timings: timingsOf(turns) };
}

async function podmanVariants(bench: Bench, world: World, who: string): Promise<{ variants: { exec?: Variant }; reason: string }> {
  try {
    const pod = await startPodmanPod(bench, world, "exec-beside");
    const exec: Variant = {
      what: `podman exec, as ${who}`,
      every: 5,
      user: world.become,
      argv: [...pod.podman, "exec", `qpod-${pod.id}`, "/bin/true"],
    };
    return { variants: { exec }, reason: "" };
  } catch (error) {
    if (!(error instanceof Skip)) throw error;
    return { variants: {}, reason: error.message };
  }
}

function skipped(what: string, reason: string): Line {
  return { what, budget: "", measured: reason, verdict: "skipped" };
}
