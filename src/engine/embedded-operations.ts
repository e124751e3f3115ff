import { existsSync } from "node:fs";
import { encodeOperations, type Operation, op, option } from "../launch/operations.ts";
import type { IdMaps } from "../launch/user-namespace.ts";
import { fillUpper, isForeign } from "./embedded-foreign.ts";
import { folders, layerOf, mountFlag, type Surroundings } from "./embedded-layer.ts";
import { packageOperations } from "./embedded-packages.ts";
import { rootOperations } from "./embedded-root.ts";
import { userOperations } from "./embedded-users.ts";
import type { Pod } from "./engine.ts";
import { clone, entryOperations } from "./entry.ts";
import { mountsOf, type PodMount } from "./mounts.ts";

/** Everything the launcher does to make the pod, in order, without Node. */
export function startOperations(pod: Pod, around: Surroundings): Operation[] {
  const { maps, paths, user } = around;
  const layer = layerOf(pod.id, paths);
  const system = [...systemMounts, ...mountsOf(pod, paths)];
  const foreign = isForeign(pod, maps);
  if (foreign) fillUpper(pod, around, ["/run", ...system.map((one) => one.target)], settings.filter(existsSync));
  const homes = system.filter((one) => one.kind === "home").map((one) => one.source);
  return [
    ...namespaceOperations(maps),
    ...folders([layer.folder, layer.upper, layer.work, layer.root, ...homes]),
    // Before the layers are mounted: two pods on the same ones would spoil them.
    { code: op.claim, strings: [layer.claim] },
    ...rootOperations(pod, around),
    ...scratchOperations(pod),
    { code: op.pivot, strings: [layer.root] },
    // Before anything of the host's is mounted: a link in the tree must not lead there.
    ...(foreign ? [] : [...userOperations(user), ...packageOperations(pod, maps)]),
    { code: op.mkdir, numbers: [0o755, 0, 0], strings: ["/run"] },
    { code: op.mount, numbers: [mountFlag.noSuid | mountFlag.noDev, option.optional], strings: ["tmpfs", "/run", "tmpfs", "mode=755"] },
    ...system.map(bind),
    { code: op.leave },
    // Last: what is made before belongs to the pod's root.
    ...(maps.uidMap ? [{ code: op.identity, numbers: [user.uid, user.gid] }] : []),
    { code: op.entry, strings: [around.entryFile, encodeOperations(entryOperations(pod, joinsOf(maps), user))] },
  ];
}

export function joinsOf(maps: IdMaps): number {
  return maps.uidMap ? clone.user | clone.mount : clone.mount;
}

function namespaceOperations(maps: IdMaps): Operation[] {
  const ids: Operation = { code: op.ids, numbers: [maps.ownership === "subordinate" ? 1 : 0], strings: [maps.uidMap, maps.gidMap] };
  return [
    ...(maps.uidMap ? [ids] : []),
    { code: op.unshare, numbers: [clone.mount] },
    // What the host mounts later below a shared folder appears inside; nothing goes back.
    { code: op.propagation, numbers: [mountFlag.recursive | mountFlag.slave], strings: ["/"] },
  ];
}

/** The pod shares the host's network, and so its settings. */
const settings = ["/etc/resolv.conf", "/etc/hosts", "/etc/localtime"];

const systemMounts: readonly PodMount[] = [
  ...["/proc", "/sys"].map((path): PodMount => ({ source: path, target: path, readOnly: false, optional: false, kind: "system" })),
  ...settings.map((path): PodMount => ({ source: path, target: path, readOnly: true, optional: true, kind: "system" })),
];

/** Before the root is changed, since an overlay's folders are named as the host names them. */
function scratchOperations({ scratch }: Pod): Operation[] {
  return scratch?.overlay ? [{ code: op.mount, strings: ["overlay", scratch.merged, "overlay", scratch.overlay] }] : [];
}

function bind({ source, target, readOnly, optional }: PodMount): Operation {
  const flags = mountFlag.recursive | (readOnly ? mountFlag.readOnly : 0);
  return { code: op.bind, numbers: [flags, option.create | (optional ? option.optional : 0)], strings: [source, target] };
}
