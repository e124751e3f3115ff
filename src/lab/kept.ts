import { readdirSync, rmSync } from "node:fs";
import { basename, join } from "node:path";
import { QpodError } from "../base/errors.ts";
import { readIfThere, replaceFile } from "../base/files.ts";
import { withLock } from "../base/lock.ts";
import { makePrivateFolder, type Paths } from "../base/paths.ts";
import { didYouMean, listChoices, visible } from "../base/text.ts";
import { isAlive, signalFirst } from "../launch/first-process.ts";
import { checkTopology } from "./check.ts";
import { LabError, refuseFaults } from "./errors.ts";
import type { Place } from "./place.ts";
import { startLab } from "./start.ts";
import type { Topology } from "./topology.ts";

/** A lab that `qpod lab up` made: its own first process keeps it; this is only how to find that again. */
export interface KeptLab {
  name: string;
  /** The file that it was made from. */
  file: string;
  topology: Topology;
  place: Place;
}

const folderOf = (paths: Paths) => join(paths.runtime, "labs");
const fileOf = (paths: Paths, name: string) => join(folderOf(paths), `${name}.json`);

/** The name of a lab: the one that it is given, or that of its file. */
export function nameLab(file: string, given?: string): string {
  const name = given ?? basename(file).replace(/\.ya?ml$/, "");
  if (/^[\w.-]{1,64}$/.test(name) && !name.startsWith(".")) return name;
  throw new QpodError({
    fact: `a lab cannot be named "${visible(name)}"`,
    remedy: given === undefined ? "Rename its file, or use --name." : 'As "office-2".',
  });
}

/** Makes a lab that stays until it is taken down. */
export async function keepLab(paths: Paths, name: string, file: string, topology: Topology): Promise<KeptLab> {
  refuseFaults(checkTopology(topology));
  makePrivateFolder(paths.runtime);
  makePrivateFolder(folderOf(paths));
  // Of two at once, nobody could find the first any more.
  const lock = join(folderOf(paths), `${name}.lock`);
  return withLock(lock, () => makeKept(paths, name, file, topology), { what: `the lab ${name}` });
}

async function makeKept(paths: Paths, name: string, file: string, topology: Topology): Promise<KeptLab> {
  if (findKept(paths, name)) {
    throw new QpodError({
      fact: `the lab ${name} is up already`,
      remedy: `Take it down first: qpod lab down ${name}; or give another --name.`,
    });
  }
  const running = await startLab(topology);
  const kept = { name, file, topology, place: running.place };
  try {
    replaceFile(fileOf(paths, name), encode(kept));
  } catch (error) {
    // Nobody could find it again.
    await running.end();
    throw error;
  }
  await running.stay();
  return kept;
}

/** Labs that are up. What is left of those that are not is removed. */
export function listKept(paths: Paths): KeptLab[] {
  return list(folderOf(paths)).flatMap((file) => findKept(paths, file.replace(/\.json$/, "")) ?? []);
}

/** The one of that name, or the only one. @param say what its name is given to. @throws QpodError when there is none, or several. */
export function requireKept(paths: Paths, name: string | undefined, say = "--lab"): KeptLab {
  const labs = listKept(paths);
  const names = labs.map((one) => one.name);
  if (name === undefined && labs.length > 1)
    throw new QpodError({ fact: `${labs.length} labs are up`, remedy: `Say which: ${say} ${listChoices(names)}.` });
  const found = name === undefined ? labs[0] : labs.find((one) => one.name === name);
  if (found) return found;
  if (name === undefined) throw new QpodError({ fact: "no lab is up", remedy: "`qpod lab up FILE` makes one." });
  throw new QpodError({
    fact: `there is no lab "${visible(name)}"`,
    remedy: didYouMean(name, names) ?? "`qpod lab ps` shows those that are up.",
  });
}

/** Ends all that runs in it. */
export async function takeDown(paths: Paths, { name, place }: KeptLab): Promise<void> {
  try {
    signalFirst(place.lab, "SIGKILL");
  } catch (error) {
    throw new LabError("not-permitted", { fact: `cannot end the lab ${name}: ${(error as Error).message}`, remedy: "Who made it can." });
  }
  // It ends when all that was in it has.
  while (isAlive(place.lab)) await new Promise((resolve) => setTimeout(resolve, 1));
  rmSync(fileOf(paths, name), { force: true });
}

export function findKept(paths: Paths, name: string): KeptLab | undefined {
  const text = readIfThere(fileOf(paths, name));
  const kept = text === undefined ? undefined : decode(text);
  if (kept && isAlive(kept.place.lab)) return kept;
  if (text !== undefined) rmSync(fileOf(paths, name), { force: true });
  return undefined;
}

function encode(kept: KeptLab): string {
  return JSON.stringify(kept, (_, value) =>
    typeof value === "bigint" ? String(value) : value instanceof Map ? Object.fromEntries(value) : value,
  );
}

/** Undefined for what we did not write. */
function decode(text: string): KeptLab | undefined {
  try {
    const { place, ...rest } = JSON.parse(text);
    const first = ({ pid, startTime }: { pid: number; startTime: string }) => ({ pid, startTime: BigInt(startTime) });
    const hosts = Object.entries(place.hosts as Record<string, { pid: number; startTime: string }>);
    return { ...rest, place: { ...place, lab: first(place.lab), hosts: new Map(hosts.map(([name, one]) => [name, first(one)])) } };
  } catch {
    return undefined;
  }
}

function list(folder: string): string[] {
  try {
    return readdirSync(folder).filter((name) => name.endsWith(".json"));
  } catch {
    return [];
  }
}
