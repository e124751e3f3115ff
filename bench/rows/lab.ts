import { type Lab, lab } from "../../src/lab/index.ts";
import type { Row } from "../support/bench.ts";
import { killRunners } from "../support/lab-kill.ts";
import { type Peer, peers } from "../support/lab-peers.ts";
import { atLeast, atMost, type Line, times } from "../support/result.ts";
import { quantile } from "../support/statistics.ts";

const sizes = [2, 10, 100, 500];
const KILLS = 200;

/** Labs beside what others make the same networks with: pairs of hosts, an address at each end. */
export const labs: Row = {
  name: "lab",
  async run(bench) {
    const lines: Line[] = [];
    if (bench.isRoot) for (const size of sizes) lines.push(...(await compare(size)));
    else lines.push({ what: "labs beside ip, mininet and pyroute2", budget: "", measured: "only root can use those", verdict: "skipped" });
    lines.push(await makeCrowd(), await killRunners(KILLS));
    return { lines, timings: [] };
  },
};

async function compare(size: number): Promise<Line[]> {
  const rounds = size > 100 ? 1 : size > 10 ? 3 : 7;
  const ours: number[] = [];
  const theirs = new Map<Peer, number[]>();
  // In turns, so that all meet the same machine.
  for (let round = 0; round < rounds; round++) {
    ours.push(await measureOurs(size));
    for (const peer of peers) {
      if (size > peer.most) continue;
      const taken = peer.measure(size);
      if (taken !== undefined) theirs.set(peer, [...(theirs.get(peer) ?? []), taken]);
    }
  }
  const own = quantile(ours, 0.5);
  return peers.flatMap((peer): Line[] => {
    const what = `a lab of ${size} hosts beside ${peer.name}`;
    const all = theirs.get(peer);
    if (!all)
      return [{ what, budget: "", measured: size > peer.most ? "takes minutes" : "not installed, or it failed", verdict: "skipped" }];
    const other = quantile(all, 0.5);
    const show = (ratio: number) => `${times(ratio)}${ratio === peer.budget ? "" : `, ${own.toFixed(0)} ms to ${other.toFixed(0)} ms`}`;
    return [peer.isLimit ? atMost(what, peer.budget, own / other, show) : atLeast(`${what}: faster`, peer.budget, other / own, show)];
  });
}

/** Milliseconds to make it and take it down again. */
async function measureOurs(size: number): Promise<number> {
  const net = declare(size);
  const began = performance.now();
  await net.up();
  await net.down();
  return performance.now() - began;
}

export function declare(size: number): Lab {
  const net = lab();
  for (let i = 0; i < size; i++) net.host(`h${i}`);
  for (let i = 0; i + 1 < size; i += 2)
    net.link(`h${i}`, `h${i + 1}`, { addresses: { [`h${i}`]: "10.0.0.1/24", [`h${i + 1}`]: "10.0.0.2/24" } });
  return net;
}

async function makeCrowd(): Promise<Line> {
  let failed = 0;
  let left = 100;
  const work = async () => {
    while (left-- > 0) {
      const net = declare(2);
      try {
        await net.up();
        await net.hosts.get("h0")?.run("ping", ["-n", "-c1", "-W5", "10.0.0.2"]);
      } catch {
        failed++;
      }
      await net.down();
    }
  };
  await Promise.all(Array.from({ length: 8 }, work));
  return {
    what: "100 labs of 2 hosts, 8 at once: failed",
    budget: "none",
    measured: String(failed),
    verdict: failed === 0 ? "within" : "over",
  };
}
