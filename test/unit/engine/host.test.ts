import { describe, expect, it } from "vitest";
import { cgroupLayout, crunRefuses, probeCgroups } from "../../../src/engine/host-cgroups.ts";
import { probeSubordinateIds } from "../../../src/engine/host-ids.ts";
import { parseLimit, probeLimits, probeMessageQueues, settableLimits } from "../../../src/engine/host-limits.ts";
import { probeUserNamespaces, tryUserNamespace } from "../../../src/engine/host-namespaces.ts";
import { kernelAtLeast, overlayWorks, probeOverlay } from "../../../src/engine/host-overlay.ts";
import { saySession } from "../../../src/engine/host-podman.ts";
import { aHost } from "./a-host.ts";

const limits = `Limit                     Soft Limit           Hard Limit           Units
Max processes             unlimited            unlimited            processes
Max open files            1024                 524288               files
`;

describe("limits", () => {
  it("are read from the table of the kernel", () => {
    expect(parseLimit(limits, "Max open files")).toEqual({ soft: 1024, hard: 524288 });
    expect(parseLimit(limits, "Max processes")).toEqual({ soft: Infinity, hard: Infinity });
    expect(parseLimit(limits, "Max nonsense")).toBeUndefined();
  });

  it("that podman is given never exceed what it may set", () => {
    const files = { "/proc/self/limits": limits, "/proc/sys/kernel/pid_max": "4194304\n" };
    expect(settableLimits(aHost({ files }))).toEqual(["nofile=1024:524288", "nproc=4194304:4194304"]);
    const low = { "/proc/self/limits": limits.replaceAll("unlimited", "96365"), "/proc/sys/kernel/pid_max": "32768\n" };
    expect(settableLimits(aHost({ files: low }))).toContain("nproc=32768:32768");
    expect(settableLimits(aHost())).toEqual([]);
  });

  it("may not be raised by a root without the capability", () => {
    const root = (caps: string) => aHost({ uid: 0, files: { "/proc/self/status": `Name:\tx\nCapEff:\t${caps}\n` } });
    expect(probeLimits(root("000001fffeffffff")).state).toBe("worked around");
    expect(probeLimits(root("000001ffffffffff")).state).toBe("ok");
  });

  it("of message queues: none is worked around", () => {
    expect(probeMessageQueues(aHost()).state).toBe("worked around");
    expect(probeMessageQueues(aHost({ files: { "/dev/mqueue": "" } })).state).toBe("ok");
  });
});

describe("cgroups", () => {
  const hybrid = {
    "/proc/self/mounts": "cgroup /sys/fs/cgroup/cpu cgroup rw 0 0\ncgroup2 /sys/fs/cgroup/unified cgroup2 rw 0 0\n",
    "/sys/fs/cgroup/unified/cgroup.controllers": "hugetlb\n",
  };

  it("are told apart by what is mounted", () => {
    expect(cgroupLayout(aHost({ files: hybrid }))).toBe("hybrid");
    expect(cgroupLayout(aHost({ files: { "/sys/fs/cgroup/cgroup.controllers": "cpu" } }))).toBe("v2");
    expect(cgroupLayout(aHost({ files: { "/proc/self/mounts": "cgroup /sys/fs/cgroup/cpu cgroup rw 0 0" } }))).toBe("v1");
    expect(cgroupLayout(aHost())).toBe("none");
  });

  it("that crun refuses are worked around by runc, else a problem", () => {
    expect(probeCgroups(aHost({ files: hybrid, programs: ["runc"] })).state).toBe("worked around");
    expect(probeCgroups(aHost({ files: hybrid }))).toMatchObject({ state: "problem", remedy: expect.stringContaining("runc") });
  });

  it("of systemd's own hybrid, where version 2 has no controller, are fine for crun", () => {
    expect(crunRefuses(aHost({ files: { ...hybrid, "/sys/fs/cgroup/unified/cgroup.controllers": "\n" } }))).toBe(false);
  });

  it("of version 2 are delegated by the user's own systemd, beside whose part a login by ssh is", () => {
    const files = { "/sys/fs/cgroup/cgroup.controllers": "cpu", "/proc/self/cgroup": "0::/user.slice/user-1000.slice/session-3.scope\n" };
    expect(probeCgroups(aHost({ files })).fact).toContain("not delegated to you");
    const service = "/sys/fs/cgroup/user.slice/user-1000.slice/user@1000.service";
    expect(probeCgroups(aHost({ files: { ...files, [service]: "" } })).fact).toContain("version 2, delegated to you");
  });
});

describe("user namespaces", () => {
  const allowed = { "/proc/self/ns/user": "", "/proc/sys/user/max_user_namespaces": "96365\n" };

  it.each([
    ["the kernel has none", {}],
    ["max_user_namespaces", { ...allowed, "/proc/sys/user/max_user_namespaces": "0\n" }],
    ["unprivileged_userns_clone", { ...allowed, "/proc/sys/kernel/unprivileged_userns_clone": "0\n" }],
    ["AppArmor", { ...allowed, "/proc/sys/kernel/apparmor_restrict_unprivileged_userns": "1\n" }],
  ])("are forbidden: %s", (word, files) => {
    const found = probeUserNamespaces(aHost({ files }));
    expect(found).toMatchObject({ state: "problem", fact: expect.stringContaining(word), remedy: expect.any(String) });
  });

  it("of root are not bound by the switches for ordinary users", () => {
    const files = { ...allowed, "/proc/sys/kernel/unprivileged_userns_clone": "0\n" };
    expect(probeUserNamespaces(aHost({ uid: 0, files })).state).toBe("ok");
  });

  it("are believed when one was made, whatever the switches say", async () => {
    const files = { ...allowed, "/proc/sys/kernel/apparmor_restrict_unprivileged_userns": "1\n" };
    expect((await tryUserNamespace(aHost({ files }), ["true"])).state).toBe("ok");
    expect((await tryUserNamespace(aHost({ files }), ["false"])).fact).toContain("AppArmor");
  });

  it("are a problem when making one fails without any switch", async () => {
    const found = await tryUserNamespace(aHost({ files: allowed }), ["sh", "-c", "echo unshare: not permitted >&2; exit 1"]);
    expect(found).toMatchObject({ state: "problem", fact: "making one fails: unshare: not permitted" });
  });
});

describe("subordinate ids", () => {
  const files = { "/etc/subuid": "u:100000:65536\n", "/etc/subgid": "1000:100000:65536\n" };
  const programs = ["newuidmap", "newgidmap"];

  it("are found under the name or the number", () => {
    expect(probeSubordinateIds(aHost({ files, programs }), 1000)).toMatchObject({ state: "ok" });
  });

  it("are missing: the remedy gives some that nobody has", () => {
    const files = { "/etc/subuid": "ann:100000:65536\nbob:165536:65536\n", "/etc/subgid": "ann:300000:65536\n" };
    expect(probeSubordinateIds(aHost({ files, programs }), 1000).remedy).toBe(
      "sudo usermod --add-subuids 365536-431071 --add-subgids 365536-431071 u",
    );
  });

  it("are missing: the remedy gives them", () => {
    expect(probeSubordinateIds(aHost({ programs }), 1000)).toMatchObject({
      state: "problem",
      remedy: expect.stringContaining("usermod --add-subuids"),
    });
    expect(probeSubordinateIds(aHost({ files }), 1000)).toMatchObject({
      state: "problem",
      remedy: expect.stringContaining("Install newuidmap"),
    });
  });

  it("may come from a directory service that podman asks", () => {
    const service = { "/etc/nsswitch.conf": "passwd: files sss\nsubid: sss\n" };
    expect(probeSubordinateIds(aHost({ files: service, programs }), 1000).state).toBe("ok");
  });

  it("are no concern of root's", () => {
    expect(probeSubordinateIds(aHost({ uid: 0 }), 0).state).toBe("ok");
  });
});

describe("overlay", () => {
  const kernel = (release: string) => ({ "/proc/filesystems": "nodev\toverlay\n\text4\n", "/proc/sys/kernel/osrelease": `${release}\n` });

  it("is for ordinary users since Linux 5.11", () => {
    expect(kernelAtLeast("5.11.0-1", 5, 11)).toBe(true);
    expect(kernelAtLeast("5.4.0", 5, 11)).toBe(false);
    expect(kernelAtLeast("6.1", 5, 11)).toBe(true);
    expect(overlayWorks(aHost({ files: kernel("5.4.0") }))).toBe(false);
    expect(overlayWorks(aHost({ uid: 0, files: kernel("5.4.0") }))).toBe(true);
  });

  it("falls back on fuse-overlayfs", () => {
    expect(probeOverlay(aHost({ files: kernel("5.4.0"), programs: ["fuse-overlayfs"] })).state).toBe("worked around");
    expect(probeOverlay(aHost({ files: kernel("5.4.0") })).state).toBe("problem");
  });

  it("is there when its module only waits to be loaded", () => {
    const files = { "/proc/sys/kernel/osrelease": "6.1.0\n", "/lib/modules/6.1.0/modules.dep": "kernel/fs/overlayfs/overlay.ko.xz:\n" };
    expect(overlayWorks(aHost({ files }))).toBe(true);
  });
});

describe("the user's session", () => {
  it("is not needed, but what lacks is said", () => {
    expect(saySession(aHost()).state).toBe("worked around");
    const env = { XDG_RUNTIME_DIR: "/run/user/1000" };
    expect(saySession(aHost({ env })).state).toBe("ok");
    expect(saySession(aHost({ env, files: { "/run/systemd/system": "" } })).remedy).toBe("sudo loginctl enable-linger u");
  });
});
