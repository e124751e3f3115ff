import type { HostFact, HostView } from "./host-view.ts";

export type CgroupLayout = "none" | "v1" | "hybrid" | "v2";

export function cgroupLayout(host: HostView): CgroupLayout {
  if (host.exists("/sys/fs/cgroup/cgroup.controllers")) return "v2";
  const mounts = host.read("/proc/self/mounts") ?? "";
  const types = new Set(
    mounts
      .split("\n")
      .map((line) => line.split(" "))
      .filter(([, at]) => at?.startsWith("/sys/fs/cgroup"))
      .map(([, , type]) => type),
  );
  if (types.has("cgroup") && types.has("cgroup2")) return "hybrid";
  return types.has("cgroup") ? "v1" : "none";
}

/** crun refuses a hybrid layout in which the v2 half owns controllers; in systemd's own hybrid it owns none. */
export function crunRefuses(host: HostView): boolean {
  return cgroupLayout(host) === "hybrid" && (host.read("/sys/fs/cgroup/unified/cgroup.controllers") ?? "").trim() !== "";
}

/** Whether an ordinary user was given a part of the v2 tree, by the systemd of their own that a login starts. */
function isDelegated(host: HostView): boolean {
  const own = /^0::(.*)$/m.exec(host.read("/proc/self/cgroup") ?? "")?.[1];
  if (own !== undefined && /\/user@\d+\.service(\/|$)/.test(own)) return true;
  // A login by ssh or on a console is a scope beside it, from which podman asks that systemd for a place in the part.
  return host.exists(`/sys/fs/cgroup/user.slice/user-${host.uid}.slice/user@${host.uid}.service`);
}

export function probeCgroups(host: HostView): HostFact {
  const name = "cgroups";
  const layout = cgroupLayout(host);
  if (layout === "v2") {
    const how = host.uid === 0 ? "" : isDelegated(host) ? ", delegated to you" : ", not delegated to you";
    return { name, state: "ok", fact: `version 2${how}; qpod needs none for itself` };
  }
  if (!crunRefuses(host)) return { name, state: "ok", fact: `layout ${layout}; qpod needs none for itself` };
  const fact = "hybrid, and version 2 owns controllers, which crun refuses";
  if (host.program("runc")) return { name, state: "worked around", fact: `${fact}; podman is told to use runc` };
  return {
    name,
    state: "problem",
    fact: `${fact}; runc is not installed`,
    remedy: "Install runc, or boot with systemd.unified_cgroup_hierarchy=1.",
  };
}
