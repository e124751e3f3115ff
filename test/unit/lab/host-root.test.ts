import { describe, expect, it } from "vitest";
import { rootOperations } from "../../../src/lab/host-root.ts";
import { op } from "../../../src/launch/operations.ts";

const files = { hosts: "127.0.0.1 localhost\n" };
const part = { mode: 0o644, uid: 0, gid: 0 };

describe("a host with the system's root", () => {
  it("gets an /etc of its own by an overlay", () => {
    const mounts = rootOperations({}, undefined, files, { inUsers: true }).filter(({ code }) => code === op.mount);
    expect(mounts.map(({ strings }) => strings?.slice(0, 2))).toContainEqual(["overlay", "/etc"]);
  });

  it("gets it from its parts where no overlay may be mounted", () => {
    const etc = [
      { ...part, path: "/etc/hosts", kind: "file" as const },
      { ...part, path: "/etc/passwd", kind: "file" as const },
      { ...part, path: "/etc/mtab", kind: "link" as const, content: "/proc/mounts" },
    ];
    const operations = rootOperations({}, undefined, files, { inUsers: true, etc });
    const all = operations.map(({ code, strings }) => [code, ...(strings ?? [])]);
    expect(all).toContainEqual([op.labFile, "/run/.lab/etc/hosts", files.hosts]);
    expect(all).toContainEqual([op.bind, "/etc/passwd", "/run/.lab/etc/passwd"]);
    expect(all).toContainEqual([op.symlink, "/proc/mounts", "/run/.lab/etc/mtab"]);
    expect(all).toContainEqual([op.bind, "/run/.lab/etc", "/etc"]);
    expect(JSON.stringify(all)).not.toMatch(/overlay|"\/etc\/hosts"/);
  });
});
