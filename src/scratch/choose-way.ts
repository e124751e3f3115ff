import { existsSync, lstatSync, mkdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { QpodError } from "../base/errors.ts";
import { makePrivateFolder, type Paths } from "../base/paths.ts";
import { tryMountNamespace, tryUserNamespace } from "../engine/host-namespaces.ts";
import { overlayWorks } from "../engine/host-overlay.ts";
import type { HostFact, HostView } from "../engine/host-view.ts";
import { thisHost } from "../engine/host-view.ts";
import type { Way } from "./scratch.ts";

export interface ChosenWay {
  way: Way;
  reason: string;
}

/**
 * The least dear way that this system allows.
 * @param asked one that the user insists on.
 * @throws QpodError with what stands in the way of it, or of all.
 */
export async function chooseWay(asked: string | undefined, host: HostView = thisHost()): Promise<ChosenWay> {
  const ways = await assessWays(host);
  if (asked === undefined) {
    const first = ways.find(({ problem }) => problem === undefined);
    if (first) return { way: first.way, reason: first.reason };
  }
  const one = ways.find(({ way }) => way === asked);
  if (asked !== undefined && !one)
    throw new QpodError({ fact: `there is no way ${asked} to keep a folder as it is`, remedy: "overlay, copy, proot or chroot" });
  if (one && !one.problem) return { way: one.way, reason: one.reason };
  const why = one ? one.problem : ways.map(({ way, problem }) => `${way}: ${problem}`).join("; ");
  throw new QpodError({
    fact: `nothing keeps the folder as it is: ${why}`,
    remedy: one?.remedy ?? "Install the package proot, or see `qpod doctor`.",
  });
}

interface AssessedWay extends ChosenWay {
  problem?: string | undefined;
  remedy?: string | undefined;
}

async function assessWays(host: HostView): Promise<AssessedWay[]> {
  const namespaces = await (host.uid === 0 ? tryMountNamespace(host) : tryUserNamespace(host));
  const barrier = namespaces.state === "problem" ? `${namespaces.name}: ${namespaces.fact}` : undefined;
  const overlay = barrier ?? (overlayWorks(host) ? undefined : "this kernel does not let you mount an overlay");
  return [
    {
      way: "overlay",
      reason: "this kernel mounts overlays",
      problem: overlay,
      remedy: barrier ? namespaces.remedy : "Run Linux 5.11 or newer.",
    },
    { way: "copy", reason: `${overlay ?? "as asked"}: a copy is shown in its place`, problem: barrier, remedy: namespaces.remedy },
    {
      way: "proot",
      reason: `${barrier ?? "as asked"}: proot shows a copy in its place`,
      problem: host.program("proot") ? undefined : "proot is not installed",
      remedy: "Install the package proot.",
    },
    {
      way: "chroot",
      reason: `${barrier && !host.program("proot") ? `${barrier}; proot is not installed` : "as asked"}: a copy of the whole system is entered by chroot, without /proc and /sys`,
      ...assessChroot(host),
    },
  ];
}

/** Bits of Linux capabilities. */
const [CHROOT, MKNOD] = [18n, 27n];

/** What containers usually let their root do, although they may not mount. */
function assessChroot(host: HostView): { problem?: string; remedy: string } {
  const effective = BigInt(`0x${/^CapEff:\s*([0-9a-f]+)$/m.exec(host.read("/proc/self/status") ?? "")?.[1] ?? "0"}`);
  const has = (bit: bigint) => ((effective >> bit) & 1n) === 1n;
  if (!has(CHROOT)) return { problem: "only root may, with the capability CAP_SYS_CHROOT", remedy: "Run it as root." };
  if (!has(MKNOD)) {
    return { problem: "/dev/null cannot be made in it without the capability CAP_MKNOD", remedy: "Give the container CAP_MKNOD." };
  }
  return { remedy: "" };
}

/** What `qpod doctor` says of it. */
export async function probeScratch(host: HostView = thisHost()): Promise<HostFact> {
  const name = "scratch";
  const [overlay, ...others] = await assessWays(host);
  if (overlay && !overlay.problem) return { name, state: "ok", fact: overlay.reason };
  const other = others.find(({ problem }) => problem === undefined);
  if (other) return { name, state: "worked around", fact: other.reason };
  return {
    name,
    state: "problem",
    fact: overlay?.problem ?? "",
    remedy: "Install the package proot: `qpod scratch` then works by tracing; root of a container may also be given CAP_SYS_CHROOT.",
  };
}

/**
 * Where the changes go: the data folder, but for what holds it. An overlay must not lie within what it is laid over,
 * so for `/` another filesystem is looked for.
 */
export function chooseStore(name: string, folder: string, way: Way, paths: Paths): string {
  const usual = join(paths.data, "scratch", name, "store");
  // A copy leaves its own store out.
  if (way !== "overlay" || !isInside(usual, folder)) return usual;
  const device = statSync(folder).dev;
  const uid = process.getuid?.() ?? 0;
  for (const parent of [paths.runtime, `/dev/shm/qpod-${uid}`]) {
    if (existsSync(join(parent, "..")) && makePrivateFolder(parent) && lstatSync(parent).dev !== device) {
      const store = join(parent, "scratch-stores", name);
      mkdirSync(store, { recursive: true, mode: 0o700 });
      return store;
    }
  }
  throw new QpodError({
    fact: `qpod's own data (${paths.data}) lies in ${folder}, where its changes would be kept`,
    remedy: "Set XDG_DATA_HOME to a folder elsewhere, or choose a smaller folder.",
  });
}

export function isInside(path: string, folder: string): boolean {
  return path === folder || path.startsWith(folder.endsWith("/") ? folder : `${folder}/`);
}
