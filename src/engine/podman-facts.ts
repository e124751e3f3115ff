import { statSync } from "node:fs";
import { join } from "node:path";
import { QpodError } from "../base/errors.ts";
import { readIfThere, replaceFile } from "../base/files.ts";
import type { Paths } from "../base/paths.ts";
import { lastWords, run } from "../process/run.ts";
import { crunRefuses } from "./host-cgroups.ts";
import { overlayWorks } from "./host-overlay.ts";
import type { HostView } from "./host-view.ts";

/** What podman on this host is like, and the options that follow from it. */
export interface PodmanFacts {
  program: string;
  version: string;
  rootless: boolean;
  /** Options before the subcommand: storage, runtime, cgroup manager. */
  options: string[];
  runtime: string;
  /** What podman would have used by itself. */
  givenRuntime: string;
  storageDriver: string;
  givenStorageDriver: string;
  /** Where podman has a folder for each container, by its id; absent from what was noted before this was. */
  containers?: string;
}

/** What is used of `podman info`. */
export interface PodmanInfo {
  host: { cgroupManager: string; ociRuntime: { name: string }; security: { rootless: boolean } };
  store: { graphDriverName: string; graphRoot?: string };
  version: { Version: string };
}

/** The first that knows all that is asked of it: 3 has no `--pidfile`, nor `rm --time`. */
const OLDEST = 4;

/**
 * Works out how podman is to be called here; pure.
 * @throws QpodError when this podman is too old.
 */
export function decideFacts(program: string, info: PodmanInfo, host: HostView, paths: Paths): PodmanFacts {
  if (Number.parseInt(info.version.Version, 10) < OLDEST) {
    throw new QpodError({
      fact: `podman ${info.version.Version} is too old: ${OLDEST}.0 is needed`,
      remedy: "Install a newer podman, or use the embedded engine, which needs none.",
    });
  }
  const givenRuntime = info.host.ociRuntime.name;
  const runtime = givenRuntime === "crun" && crunRefuses(host) && host.program("runc") ? "runc" : givenRuntime;
  const store = ownStore(info, host, paths);
  const storageDriver = store.length > 0 ? "overlay" : info.store.graphDriverName;
  const storage = store.length > 0 ? ownStorage(paths) : info.store.graphRoot;
  return {
    program,
    version: info.version.Version,
    rootless: info.host.security.rootless,
    // The manager that podman fell back to is named, or it warns on every call where there is no systemd session.
    options: [...store, ...(runtime === givenRuntime ? [] : ["--runtime", runtime]), "--cgroup-manager", info.host.cgroupManager],
    runtime,
    givenRuntime,
    storageDriver,
    givenStorageDriver: info.store.graphDriverName,
    ...(storage ? { containers: join(storage, `${storageDriver}-containers`) } : {}),
  };
}

/**
 * A store of qpod's own where podman's is of the vfs kind, which copies the whole image for each container.
 * podman's database ties a store to its driver for ever, so the driver of the user's own cannot just be changed;
 * the temporary folder goes with it, for there podman notes which boot its containers are of.
 */
function ownStore(info: PodmanInfo, host: HostView, paths: Paths): string[] {
  if (info.store.graphDriverName !== "vfs") return [];
  const fuse = host.program("fuse-overlayfs");
  if (!overlayWorks(host) && !fuse) return [];
  const helper = overlayWorks(host) ? [] : ["--storage-opt", `overlay.mount_program=${fuse}`];
  const root = ownStorage(paths);
  // podman's database keeps both from the first time on, and refuses others, which a session without XDG_RUNTIME_DIR has.
  const isNew = !host.exists(join(root, "libpod"));
  const temporary = isNew ? ["--runroot", join(paths.runtime, "podman"), "--tmpdir", join(paths.runtime, "podman-tmp")] : [];
  return ["--root", root, ...temporary, "--storage-driver", "overlay", ...helper];
}

function ownStorage(paths: Paths): string {
  return join(paths.data, "podman");
}

/**
 * Asks podman, at most once for each version and configuration: asking costs as much as half a start.
 * @throws QpodError when podman is missing or does not work at all.
 */
export async function readPodmanFacts(host: HostView, paths: Paths): Promise<PodmanFacts> {
  const program = host.program("podman");
  if (!program) throw new QpodError({ fact: "podman is not installed", remedy: "Install the package podman." });
  const key = stateOf([program, ...configurations(host, paths)]);
  const file = join(paths.runtime, "podman.json");
  const known = readKnown(file, key);
  if (known) return known;
  const result = await run([program, "info", "--format", "json"], { env: host.env });
  const info = result.status === 0 ? (JSON.parse(result.stdout) as PodmanInfo) : undefined;
  if (!info) {
    throw new QpodError({
      fact: `podman does not work here: ${lastWords(result.stderr)}`,
      remedy: "`podman info` must succeed first.",
    });
  }
  const facts = decideFacts(program, info, host, paths);
  replaceFile(file, JSON.stringify({ key, facts }));
  return facts;
}

function readKnown(file: string, key: string): PodmanFacts | undefined {
  try {
    const known = JSON.parse(readIfThere(file) ?? "{}") as { key?: string; facts?: PodmanFacts };
    return known.key === key ? known.facts : undefined;
  } catch {
    return undefined;
  }
}

function configurations(host: HostView, paths: Paths): string[] {
  const own = join(host.env.XDG_CONFIG_HOME || join(paths.home, ".config"), "containers");
  return [own, "/etc/containers", "/usr/share/containers"].flatMap((folder) => [
    join(folder, "containers.conf"),
    join(folder, "storage.conf"),
  ]);
}

/** Changes when one of the files does, or appears or goes. */
function stateOf(files: string[]): string {
  return files.map((file) => `${file}:${statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? ""}`).join("\n");
}
