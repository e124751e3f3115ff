import { overlayWorks } from "../engine/host-overlay.ts";
import { thisHost } from "../engine/host-view.ts";
import { type Operation, op } from "../launch/operations.ts";
import { readIdMaps } from "../launch/user-namespace.ts";
import { findChanges, noteTree, type TreeState } from "./base-tree.ts";
import { compileTopology } from "./compile.ts";
import { LabError } from "./errors.ts";
import { Launcher } from "./launcher.ts";
import { listParts } from "./patchwork.ts";
import type { Place } from "./place.ts";
import { findRoots } from "./roots.ts";
import { requireShaping, shapeLinks } from "./shape.ts";
import type { Topology } from "./topology.ts";

/** A lab that is up, for who enters its hosts. */
export interface Running {
  place: Place;
  /** Ends all of it; resolves when its processes are gone. */
  end(): Promise<void>;
  /** Lets it live on without us. */
  stay(): Promise<void>;
  ended: Promise<void>;
  /** What was changed of trees below copies since they were made: their folder, and paths in it. */
  findChanges(): { folder: string; paths: string[] }[];
}

/** MS_* of <sys/mount.h>. */
const flag = { noSuid: 2, noDev: 4, noExec: 8, recursive: 0x4000, slave: 0x80000 } as const;

/** Makes a checked topology, all of it or nothing. */
export async function startLab(topology: Topology): Promise<Running> {
  const maps = readIdMaps();
  const etc = overlayWorks(thisHost()) ? undefined : listParts("/etc");
  if (etc) refuseRoots(topology);
  const roots = await findRoots(topology, maps);
  // Of the running system something always changes.
  const trees = new Set([...roots.values()].flatMap(({ folder, patches }) => (patches ? [] : [folder])));
  const states = new Map([...trees].map((folder) => [folder, noteTree(folder)]));
  const inUsers = maps.uidMap !== "";
  const launcher = new Launcher();
  try {
    const lab = await launcher.begin(maps, outerOperations());
    await requireShaping({ lab, inUsers, hosts: new Map() }, topology);
    const numbers = await launcher.make(compileTopology(topology, { roots, inUsers, etc }));
    const hosts = new Map(Object.keys(topology.hosts).map((name, i) => [name, numbers.get(i) ?? { pid: 0, startTime: 0n }]));
    const place = { lab, inUsers, hosts };
    await shapeLinks(place, topology);
    return {
      place,
      end: () => launcher.end(),
      stay: () => launcher.stay(),
      ended: launcher.ended,
      findChanges: () => compareTrees(states),
    };
  } catch (error) {
    await launcher.end();
    throw error;
  }
}

/** @throws LabError when a host has a root of its own, on a kernel that lays no overlays for this user. */
function refuseRoots(topology: Topology): void {
  const name = Object.keys(topology.hosts).find((one) => topology.hosts[one]?.root !== undefined);
  if (name === undefined) return;
  throw new LabError("not-permitted", {
    fact: `${name} is to have a root of its own, and this kernel does not let you mount an overlay`,
    remedy: "Run Linux 5.11 or newer, or leave out the host's `root`.",
  });
}

function compareTrees(states: ReadonlyMap<string, TreeState>): { folder: string; paths: string[] }[] {
  return [...states].map(([folder, state]) => ({ folder, paths: findChanges(folder, state) })).filter(({ paths }) => paths.length > 0);
}

/** In the namespace around all hosts. What the system mounts appears in it; nothing goes back. */
function outerOperations(): Operation[] {
  return [
    { code: op.propagation, numbers: [flag.recursive | flag.slave], strings: ["/"] },
    { code: op.mount, numbers: [flag.noSuid | flag.noDev | flag.noExec], strings: ["proc", "/proc", "proc", ""] },
  ];
}
