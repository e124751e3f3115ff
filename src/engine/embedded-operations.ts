import { encodeOperations, type Operation, op, option } from "../launch/operations.ts";
import type { IdMaps } from "../launch/user-namespace.ts";
import { folders, layerOf, mountFlag, type Surroundings } from "./embedded-layer.ts";
import { isForeign, rootOperations } from "./embedded-root.ts";
import { userOperations } from "./embedded-users.ts";
import type { Pod } from "./engine.ts";
import { clone, entryOperations } from "./entry.ts";
import { mountsOf, type PodMount } from "./mounts.ts";

/** Everything the launcher does to make the pod, in order, without Node. */
export function startOperations(pod: Pod, around: Surroundings): Operation[] {
  const { maps, paths, user } = around;
  const layer = layerOf(pod.id, paths);
  const system = [...systemMounts(isForeign(pod, maps)), ...mountsOf(pod, paths)];
  const homes = system.filter((one) => one.kind === "home").map((one) => one.source);
  return [
    ...namespaceOperations(maps),
    ...folders([layer.folder, layer.upper, layer.work, layer.root, ...homes]),
    ...rootOperations(pod, around, ["/run", ...system.map((one) => one.target)]),
    { code: op.pivot, strings: [layer.root] },
    { code: op.mkdir, numbers: [0o755, 0, 0], strings: ["/run"] },
    { code: op.mount, numbers: [mountFlag.noSuid | mountFlag.noDev, option.optional], strings: ["tmpfs", "/run", "tmpfs", "mode=755"] },
    ...system.map(bind),
    ...userOperations(pod, around),
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

/** The kernel's own filesystems, and the host's network settings: the pod shares its network. */
function systemMounts(isForeignTree: boolean): PodMount[] {
  const kernel = ["/proc", "/sys"].map(
    (path): PodMount => ({ source: path, target: path, readOnly: false, optional: false, kind: "system" }),
  );
  const settings = ["/etc/resolv.conf", "/etc/hosts", "/etc/localtime"].map(
    (path): PodMount => ({ source: path, target: path, readOnly: true, optional: true, kind: "system" }),
  );
  return isForeignTree ? [...kernel, ...settings.slice(0, 2)] : [...kernel, ...settings];
}

function bind({ source, target, readOnly, optional }: PodMount): Operation {
  const flags = mountFlag.recursive | (readOnly ? mountFlag.readOnly : 0);
  return { code: op.bind, numbers: [flags, option.create | (optional ? option.optional : 0)], strings: [source, target] };
}
