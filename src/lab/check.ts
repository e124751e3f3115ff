import { didYouMean, listChoices, visible } from "../base/text.ts";
import { checkAddresses } from "./check-addresses.ts";
import { checkRoutes } from "./check-routes.ts";
import type { Fault } from "./errors.ts";
import { joinSwitches } from "./switch-tree.ts";
import { type Link, listInterfaces, type Topology } from "./topology.ts";

const hostName = /^[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?$/;
// What the kernel takes; a colon would be an alias to older tools.
const interfaceName = /^(?!\.{1,2}$)[^\s/:%]{1,15}$/;
const rate = /^\d+(\.\d+)?[kmgt]?bit$/;

/** Everything that can be wrong with a topology by itself; nothing is asked of the system. */
export function checkTopology(topology: Topology): Fault[] {
  const faults = [...checkNames(topology)];
  for (const [i, link] of topology.links.entries()) faults.push(...checkLink(topology, link, ["links", i]));
  if (faults.length > 0) return faults;
  faults.push(...checkCircles(topology), ...checkInterfaces(topology));
  return faults.length > 0 ? faults : [...checkAddresses(topology), ...checkRoutes(topology)];
}

function checkNames({ hosts, switches }: Topology): Fault[] {
  const faults: Fault[] = [];
  for (const [kind, names] of [
    ["hosts", Object.keys(hosts)],
    ["switches", Object.keys(switches)],
  ] as const)
    for (const name of names) {
      if (!hostName.test(name)) {
        const remedy = "Letters, digits and hyphens, at most 63, and no hyphen at either end.";
        faults.push({ code: "bad-name", fact: `"${visible(name)}" cannot be a name`, path: [kind, name], remedy });
      }
      if (name === "localhost") faults.push({ code: "bad-name", fact: '"localhost" is every host\'s own name', path: [kind, name] });
      if (kind === "switches" && Object.hasOwn(hosts, name))
        faults.push({ code: "duplicate", fact: `"${name}" is a host and a switch`, path: [kind, name], remedy: "Give each its own name." });
      if (kind === "switches") faults.push(...checkMtu(switches[name]?.mtu, [kind, name, "mtu"]));
    }
  return faults;
}

function checkLink({ hosts, switches }: Topology, link: Link, path: Fault["path"]): Fault[] {
  const faults: Fault[] = [];
  const [here, there] = link.between;
  const known = [...Object.keys(hosts), ...Object.keys(switches)];
  for (const [i, end] of link.between.entries())
    if (!known.includes(end))
      faults.push({
        code: "unknown",
        fact: `there is no host or switch "${visible(end)}"`,
        path: [...path, "between", i],
        remedy: didYouMean(end, known),
      });
  if (here === there)
    faults.push({ code: "bad-value", fact: `a link cannot lead from "${visible(here)}" to itself`, path: [...path, "between"] });
  for (const kind of ["addresses", "interfaces"] as const)
    for (const name of Object.keys(link[kind] ?? {}))
      if (!Object.hasOwn(hosts, name) || !link.between.includes(name)) {
        const fact = Object.hasOwn(switches, name) ? `the switch "${name}" has no ${kind}` : `"${visible(name)}" is no host of this link`;
        faults.push({
          code: "unknown",
          fact,
          path: [...path, kind, name],
          remedy: `It is between ${listChoices(link.between).replace(" or ", " and ")}.`,
        });
      }
  return [...faults, ...checkMtu(link.mtu, [...path, "mtu"]), ...checkShape(link, path)];
}

/** What is sent to all would go round for ever. */
function checkCircles(topology: Topology): Fault[] {
  return joinSwitches(topology).circles.map(({ link, names }) => ({
    code: "bad-value",
    fact: `this link closes a circle of switches: ${names.join(" - ")}`,
    path: ["links", link, "between"],
    remedy: "Leave out one link of it: the switches have no spanning tree.",
  }));
}

function checkMtu(mtu: number | undefined, path: Fault["path"]): Fault[] {
  if (mtu === undefined || (Number.isInteger(mtu) && mtu >= 68 && mtu <= 65535)) return [];
  return [{ code: "bad-mtu", fact: `the MTU cannot be ${mtu}`, path, remedy: "68 to 65535 bytes; IPv6 needs 1280." }];
}

function checkShape(link: Link, path: Fault["path"]): Fault[] {
  const faults: Fault[] = [];
  for (const key of ["delay", "jitter"] as const) {
    const value = link[key];
    if (value !== undefined && !(value >= 0 && value <= 1_000_000))
      faults.push({ code: "bad-value", fact: `the ${key} cannot be ${value}`, path: [...path, key], remedy: "Milliseconds, 0 or more." });
  }
  if (link.jitter && !link.delay)
    faults.push({
      code: "bad-value",
      fact: "a jitter needs a delay that it varies",
      path: [...path, "jitter"],
      remedy: "Give a delay too.",
    });
  if (link.loss !== undefined && !(link.loss >= 0 && link.loss <= 100))
    faults.push({ code: "bad-value", fact: `the loss cannot be ${link.loss}`, path: [...path, "loss"], remedy: "Percent, 0 to 100." });
  if (link.rate !== undefined && !rate.test(link.rate))
    faults.push({
      code: "bad-value",
      fact: `the rate cannot be "${visible(link.rate)}"`,
      path: [...path, "rate"],
      remedy: 'As "10mbit", "512kbit".',
    });
  return faults;
}

function checkInterfaces(topology: Topology): Fault[] {
  const faults: Fault[] = [];
  const seen = new Set<string>();
  for (const { host, name, index } of listInterfaces(topology)) {
    const path = ["links", index, "interfaces", host];
    if (!interfaceName.test(name) || name === "lo")
      faults.push({
        code: "bad-name",
        fact: `"${visible(name)}" cannot be the name of an interface`,
        path,
        remedy: "At most 15 characters, no space, slash, colon or percent sign.",
      });
    if (seen.has(`${host}/${name}`)) faults.push({ code: "duplicate", fact: `"${host}" has two interfaces "${visible(name)}"`, path });
    seen.add(`${host}/${name}`);
  }
  return faults;
}
