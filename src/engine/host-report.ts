import type { Paths } from "../base/paths.ts";
import { probeCgroups } from "./host-cgroups.ts";
import { probeDocker } from "./host-docker.ts";
import { probeSubordinateIds } from "./host-ids.ts";
import { probeLimits, probeMessageQueues } from "./host-limits.ts";
import { tryUserNamespace } from "./host-namespaces.ts";
import { probeOverlay } from "./host-overlay.ts";
import { probePodman } from "./host-podman.ts";
import { type HostFact, type HostView, thisHost } from "./host-view.ts";

/** Everything about this host that decides how pods can be run, for `qpod doctor`. */
export async function examineHost(paths: Paths, host: HostView = thisHost()): Promise<HostFact[]> {
  return [
    await tryUserNamespace(host),
    probeSubordinateIds(host),
    probeOverlay(host),
    probeCgroups(host),
    probeLimits(host),
    probeMessageQueues(host),
    ...(await probePodman(host, paths)),
    ...(await probeDocker(host, paths)),
  ];
}
