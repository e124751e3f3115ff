import type { HostFact, HostView } from "./host-view.ts";

const name = "overlay";

/** Mounting an overlay in a user namespace came with Linux 5.11. */
export function overlayWorks(host: HostView): boolean {
  if (!hasOverlay(host)) return false;
  return host.uid === 0 || kernelAtLeast(host.read("/proc/sys/kernel/osrelease") ?? "", 5, 11);
}

export function kernelAtLeast(release: string, major: number, minor: number): boolean {
  const [a = 0, b = 0] = release.split(/[.-]/).map(Number);
  return a > major || (a === major && b >= minor);
}

/** A module that is not loaded yet is no lack: mounting loads it. Root cannot tell before it tries. */
function hasOverlay(host: HostView): boolean {
  if (/^nodev\s+overlay$/m.test(host.read("/proc/filesystems") ?? "")) return true;
  const release = host.read("/proc/sys/kernel/osrelease")?.trim();
  return release !== undefined && /\/overlay\.ko/m.test(host.read(`/lib/modules/${release}/modules.dep`) ?? "");
}

export function probeOverlay(host: HostView): HostFact {
  const release = host.read("/proc/sys/kernel/osrelease")?.trim() ?? "unknown";
  if (overlayWorks(host)) return { name, state: "ok", fact: `Linux ${release} mounts it${host.uid ? " for ordinary users" : ""}` };
  if (hasOverlay(host) && host.program("fuse-overlayfs")) {
    return { name, state: "worked around", fact: `Linux ${release} mounts it for root only; podman uses fuse-overlayfs, which is slower` };
  }
  return {
    name,
    state: "problem",
    fact: hasOverlay(host) ? `Linux ${release} mounts it for root only` : `Linux ${release} has no overlay filesystem`,
    remedy: "Run Linux 5.11 or newer, or install fuse-overlayfs.",
  };
}
