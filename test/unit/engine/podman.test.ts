import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { readInspection } from "../../../src/engine/container-image.ts";
import { bindOption } from "../../../src/engine/container-names.ts";
import { makeUserKnown } from "../../../src/engine/container-users.ts";
import { sayStorage } from "../../../src/engine/host-podman.ts";
import { podmanEngine } from "../../../src/engine/podman.ts";
import { runArguments } from "../../../src/engine/podman-arguments.ts";
import { decideFacts, type PodmanInfo, readPodmanFacts } from "../../../src/engine/podman-facts.ts";
import { sayBytes } from "../../../src/image/pull-size.ts";
import { anEnvironment } from "../../support/an-environment.ts";
import { aHost } from "./a-host.ts";
import { paths } from "./a-pod.ts";

describe("bindOption", () => {
  it("quotes what podman's CSV gives a meaning", () => {
    expect(bindOption("/a b", "/c:d", true)).toBe("type=bind,source=/a b,target=/c:d,readonly");
    expect(bindOption('/a,"b"', "/x\ny", false)).toBe('type=bind,"source=/a,""b""","target=/x\ny"');
  });
});

describe("runArguments", () => {
  const plan = {
    id: "old-1",
    imageId: "abc",
    launcher: "/l/qpod-launch",
    mounts: [{ source: "/dev", target: "/dev", readOnly: false, optional: false, kind: "system" as const }],
    limits: ["nofile=1:2"],
    pidFile: "/r/pid",
    labels: { "io.qpod.id": "old-1" },
  };

  it("share the host's processes and network, and end with the image", () => {
    const args = runArguments(plan);
    expect(args).toEqual(expect.arrayContaining(["--pid=host", "--network=host", "--ulimit", "nofile=1:2", "io.qpod.id=old-1"]));
    expect(args.slice(-3)).toEqual(["--entrypoint", '["/.qpod/launch","hold"]', "abc"]);
  });

  it("bring in the launcher read-only, and nothing else of ours", () => {
    const binds = runArguments(plan).filter((arg) => arg.startsWith("type=bind"));
    expect(binds).toEqual(["type=bind,source=/l/qpod-launch,target=/.qpod/launch,readonly", "type=bind,source=/dev,target=/dev"]);
  });

  it("never map the user into the image, which would copy it", () => {
    expect(runArguments(plan).join(" ")).not.toContain("userns");
  });
});

describe("decideFacts", () => {
  const info = (driver: string, runtime = "crun"): PodmanInfo => ({
    host: { cgroupManager: "cgroupfs", ociRuntime: { name: runtime }, security: { rootless: true } },
    store: { graphDriverName: driver },
    version: { Version: "4.3.1" },
  });
  const modern = { "/proc/filesystems": "nodev\toverlay\n", "/proc/sys/kernel/osrelease": "6.1.0\n" };
  const old = { ...modern, "/proc/sys/kernel/osrelease": "5.4.0\n" };
  const hybrid = {
    "/proc/self/mounts": "c /sys/fs/cgroup/cpu cgroup rw 0 0\nc /sys/fs/cgroup/unified cgroup2 rw 0 0\n",
    "/sys/fs/cgroup/unified/cgroup.controllers": "hugetlb\n",
  };

  it("refuse a podman that lacks options that are needed", () => {
    const bullseyes = { ...info("overlay"), version: { Version: "3.0.1" } };
    expect(() => decideFacts("podman", bullseyes, aHost({ files: modern }), paths)).toThrow("podman 3.0.1 is too old: 4.0 is needed");
    expect(decideFacts("podman", { ...info("overlay"), version: { Version: "5.4.2" } }, aHost({ files: modern }), paths)).toMatchObject({
      version: "5.4.2",
    });
  });

  it("leave podman's own store alone when it is an overlay", () => {
    expect(decideFacts("/p", info("overlay"), aHost({ files: modern }), paths).options).toEqual(["--cgroup-manager", "cgroupfs"]);
  });

  it("say where podman has its containers", () => {
    const known = { ...info("overlay"), store: { graphDriverName: "overlay", graphRoot: "/g" } };
    expect(decideFacts("/p", known, aHost({ files: modern }), paths).containers).toBe("/g/overlay-containers");
    const own = decideFacts("/p", { ...known, store: { graphDriverName: "vfs", graphRoot: "/g" } }, aHost({ files: modern }), paths);
    expect(own.containers).toBe(join(paths.data, "podman/overlay-containers"));
    expect(decideFacts("/p", info("overlay"), aHost({ files: modern }), paths)).not.toHaveProperty("containers");
  });

  it("make an overlay store of our own where podman's copies images", () => {
    const facts = decideFacts("/p", info("vfs"), aHost({ files: modern }), paths);
    expect(facts.options).toEqual(expect.arrayContaining(["--root", join(paths.data, "podman"), "--storage-driver", "overlay"]));
    expect(sayStorage(facts).state).toBe("worked around");
  });

  it("leave it to podman's database where a store of ours that exists keeps its state", () => {
    const files = { ...modern, [join(paths.data, "podman/libpod")]: "" };
    expect(decideFacts("/p", info("vfs"), aHost({ files }), paths).options.join(" ")).not.toMatch(/runroot|tmpdir/);
    expect(decideFacts("/p", info("vfs"), aHost({ files: modern }), paths).options).toEqual(
      expect.arrayContaining(["--runroot", "--tmpdir"]),
    );
  });

  it("use fuse-overlayfs on an old kernel, and without it say that vfs is slow", () => {
    const fuse = decideFacts("/p", info("vfs"), aHost({ files: old, programs: ["fuse-overlayfs"] }), paths);
    expect(fuse.options).toContain("overlay.mount_program=/usr/bin/fuse-overlayfs");
    const none = decideFacts("/p", info("vfs"), aHost({ files: old }), paths);
    expect(none.options).toEqual(["--cgroup-manager", "cgroupfs"]);
    expect(sayStorage(none)).toMatchObject({ state: "problem", remedy: expect.stringContaining("fuse-overlayfs") });
  });

  it("choose runc where crun refuses the cgroups", () => {
    const host = aHost({ files: { ...modern, ...hybrid }, programs: ["runc"] });
    expect(decideFacts("/p", info("overlay"), host, paths)).toMatchObject({
      runtime: "runc",
      givenRuntime: "crun",
      options: expect.arrayContaining(["--runtime", "runc"]),
    });
    expect(decideFacts("/p", info("overlay"), aHost({ files: modern, programs: ["runc"] }), paths).runtime).toBe("crun");
  });
});

describe("the podman engine without podman", () => {
  const engine = podmanEngine(paths, aHost());

  it("is not able, and says how to get it", async () => {
    await expect(readPodmanFacts(aHost(), paths)).rejects.toThrow("podman is not installed");
    expect(await engine.assess(anEnvironment())).toEqual({
      able: false,
      reason: "podman is not installed",
      remedy: "Install the package podman.",
    });
  });

  it("is not able for what is no image", async () => {
    expect(await engine.assess(anEnvironment({ root: { kind: "host" } }))).toMatchObject({
      able: false,
      reason: expect.stringContaining('"host"'),
    });
  });

  it("has no pods", async () => {
    expect(await engine.list()).toEqual([]);
  });
});

describe("the podman engine of an ordinary user", () => {
  it("is not able where user namespaces are switched off, whatever podman said before", async () => {
    const files = { "/proc/self/ns/user": "", "/proc/sys/kernel/unprivileged_userns_clone": "0\n" };
    expect(await podmanEngine(paths, aHost({ files, programs: ["podman"] })).assess(anEnvironment())).toEqual({
      able: false,
      reason: "user namespaces: forbidden for ordinary users by kernel.unprivileged_userns_clone=0",
      remedy: "sudo sysctl -w kernel.unprivileged_userns_clone=1",
    });
  });
});

describe("what podman says of an image", () => {
  it("becomes its id and configuration", () => {
    const json = JSON.stringify([
      { Id: "abc", Architecture: "amd64", Config: { Env: ["PATH=/bin", "A=b=c", "EMPTY="], WorkingDir: "/w" } },
    ]);
    expect(readInspection(json)).toEqual({
      id: "abc",
      config: { env: { PATH: "/bin", A: "b=c", EMPTY: "" }, workdir: "/w", architecture: "amd64" },
    });
    expect(readInspection('[{"Id":"abc","Config":{"Env":null}}]')).toEqual({ id: "abc", config: { env: {} } });
  });

  it("is counted in megabytes while it is pulled", () => {
    expect(sayBytes(34_400_000, undefined)).toBe("34 MB");
    expect(sayBytes(34_400_000, 120_000_000)).toBe("34 of 120 MB");
    expect(sayBytes(120_000_001, 120_000_000)).toBe("120 MB are here, unpacking");
  });
});

describe("makeUserKnown", () => {
  const user = { uid: 1000, gid: 1001, name: "u", group: "g", home: "/home/u" };
  let root = "";
  const passwd = () => readFileSync(join(root, "etc/passwd"), "utf8");
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), "qpod-users-"));
    mkdirSync(join(root, "etc"));
    writeFileSync(join(root, "etc/group"), "root:x:0:\n");
  });
  afterEach(() => rmSync(root, { recursive: true }));

  it("adds the user and the group once", () => {
    writeFileSync(join(root, "etc/passwd"), "root:x:0:0::/root:/bin/sh");
    makeUserKnown(root, user, []);
    makeUserKnown(root, user, []);
    expect(passwd()).toBe("root:x:0:0::/root:/bin/sh\nu:x:1000:1001:u:/home/u:/bin/sh\n");
    expect(readFileSync(join(root, "etc/group"), "utf8")).toBe("root:x:0:\ng:x:1001:\n");
  });

  it("makes no database where there is none", () => {
    makeUserKnown(root, user, []);
    expect(() => passwd()).toThrow("ENOENT");
  });

  it("follows a symlink of the image only inside the image", () => {
    const outside = join(root, "..", `${root.split("/").at(-1)}-outside`);
    writeFileSync(outside, "");
    symlinkSync(outside, join(root, "etc/passwd"));
    makeUserKnown(root, user, []);
    expect(readFileSync(outside, "utf8")).toBe("");
    rmSync(outside);
  });

  it("leaves a file alone that a mount brings in", () => {
    writeFileSync(join(root, "etc/passwd"), "");
    makeUserKnown(root, user, [{ source: "/x", target: "/etc/passwd", readOnly: false, optional: false, kind: "user" }]);
    expect(passwd()).toBe("");
  });
});
