import { run } from "../process/run.ts";
import { LabError } from "./errors.ts";
import { enterWords, OUTSIDE, type Place } from "./place.ts";
import { isShaped, type LinkOptions, listInterfaces, nameSwitchEnds, type Topology } from "./topology.ts";

/** What `tc` is told of a link: on each of its ends, so in each direction. */
export function shapeWords({ delay = 0, jitter, loss, rate }: LinkOptions): string[] {
  const words = ["netem", "delay", `${delay}ms`];
  if (jitter) words.push(`${jitter}ms`);
  if (loss) words.push("loss", `${loss}%`);
  if (rate) words.push("rate", rate);
  return words;
}

/** Finds out whether the kernel can do it, in the lab's own namespace and before any host is made. */
export async function requireShaping(place: Place, topology: Topology): Promise<void> {
  const index = topology.links.findIndex(isShaped);
  const link = topology.links[index];
  if (!link) return;
  const failure = await tell(place, OUTSIDE, "lo", ["netem", "delay", "1ms"]);
  if (failure === undefined) return;
  const fact = `the link between ${link.between.join(" and ")} cannot be delayed, lossy or slow: ${failure}`;
  const remedy = "The kernel needs netem (modprobe sch_netem), and the package iproute2 has `tc`.";
  throw new LabError("no-netem", { fact, remedy }, ["links", index]);
}

/** Delays, loses and slows what passes. */
export async function shapeLinks(place: Place, topology: Topology): Promise<void> {
  for (const { host, device, end, words } of listShapedEnds(topology)) {
    const failure = await tell(place, host, device, words);
    if (failure !== undefined) throw new LabError("kernel", { fact: `cannot shape the end at ${end}: ${failure}` });
  }
}

/** Both ends of each link that is shaped, and what `tc` is told of them. */
export function listShapedEnds(topology: Topology): { host: string; device: string; end: string; words: string[] }[] {
  const names = new Map(listInterfaces(topology).map((one) => [`${one.index} ${one.host}`, one.name]));
  return topology.links.flatMap((link, i) => {
    if (!isShaped(link)) return [];
    const outside = nameSwitchEnds(topology, i);
    return link.between.map((end) => {
      const device = outside.get(end);
      const [host, own] = device === undefined ? [end, names.get(`${i} ${end}`) ?? ""] : [OUTSIDE, device];
      return { host, device: own, end, words: shapeWords(link) };
    });
  });
}

/** Undefined when it was done. */
async function tell(place: Place, host: string, device: string, words: readonly string[]): Promise<string | undefined> {
  const [program = "", ...args] = enterWords(place, host, "/");
  const { status, stderr } = await run([program, ...args, "tc", "qdisc", "add", "dev", device, "root", ...words]);
  return status === 0 ? undefined : stderr.trim().split("\n")[0] || `tc ended with status ${status}`;
}
