import { realpathSync } from "node:fs";
import { formatError, QpodError } from "../base/errors.ts";
import { findPaths } from "../base/paths.ts";
import { quiet } from "../base/progress.ts";
import { loadEnvironment } from "../config/find.ts";
import { prepareTree } from "../image/prepare.ts";
import type { IdMaps } from "../launch/user-namespace.ts";
import { LabError } from "./errors.ts";
import type { HostRoot } from "./host-root.ts";
import { cutSystem } from "./patchwork.ts";
import type { RootOptions, Topology } from "./topology.ts";

/** The trees of hosts that have a root of their own; what an environment needs is fetched. */
export async function findRoots(topology: Topology, maps: IdMaps): Promise<Map<string, HostRoot>> {
  const known = new Map<string, Promise<HostRoot>>();
  const roots = new Map<string, HostRoot>();
  for (const [name, { root }] of Object.entries(topology.hosts)) {
    if (root === undefined) continue;
    const key = JSON.stringify(root);
    const found = known.get(key) ?? findRoot(root, maps);
    known.set(key, found);
    roots.set(
      name,
      await found.catch((error) => {
        throw explain(error, name);
      }),
    );
  }
  return roots;
}

/** Whose root it is, and where the topology says so. */
function explain(error: unknown, host: string): unknown {
  if (!(error instanceof QpodError)) return error;
  const said = formatError(error)
    .replace(/^qpod: /, "")
    .split("\n", 1)[0];
  return new LabError("bad-root", { fact: `the root of "${host}": ${said}`, remedy: error.remedy, cause: error }, ["hosts", host, "root"]);
}

async function findRoot(root: RootOptions, maps: IdMaps): Promise<HostRoot> {
  if (root === "system") return { folder: "/", patches: cutSystem(), foreign: maps.uidMap !== "" };
  const paths = findPaths();
  const environment =
    "environment" in root
      ? await loadEnvironment(root.environment, paths)
      : // As an environment's `rootfs:`, with the same checks.
        { name: "lab", root: { kind: "rootfs" as const, folder: realFolder(root.folder) }, place: { file: root.folder } };
  if (environment.root.kind === "host") return findRoot("system", maps);
  const { tree } = await prepareTree(paths, environment as Parameters<typeof prepareTree>[1], quiet);
  if (!tree) throw new QpodError({ fact: "a host's root must be a folder; this environment's is held by podman" });
  return { folder: tree.folder, foreign: maps.uidMap !== "" && tree.ownership === "real" };
}

function realFolder(folder: string): string {
  try {
    return realpathSync(folder);
  } catch {
    return folder;
  }
}
