import { execFileSync } from "node:child_process";
import { chownSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { Sandbox } from "../support/sandbox.ts";
import { OLD, policyFile, withSandbox } from "./fault.ts";

/** A file system with no byte left on it, for as long as the action takes. */
async function onFullDisk<T>(sandbox: Sandbox, action: (folder: string) => T | Promise<T>): Promise<T> {
  const folder = sandbox.makeFolder("full");
  execFileSync("mount", ["-t", "tmpfs", "-o", `size=256k,mode=700,uid=${sandbox.person.uid}`, "none", folder]);
  try {
    chownSync(folder, sandbox.person.uid, sandbox.person.gid);
    fill(folder);
    return await action(folder);
  } finally {
    execFileSync("umount", ["--lazy", folder]);
  }
}

function fill(folder: string): void {
  expect(() => writeFileSync(join(folder, "fill"), Buffer.alloc(1 << 20))).toThrow("ENOSPC");
}

withSandbox("a full disk", (sandbox) => {
  const isRoot = process.getuid?.() === 0;

  test.skipIf(!isRoot)("under the data folder: nothing is half made, and the error says what frees space", async () => {
    await onFullDisk(sandbox(), (folder) => {
      const outcome = sandbox().command(["run", "make"], { env: { XDG_DATA_HOME: folder } });
      expect(outcome).toMatchObject({ status: 125, stdout: "" });
      expect(outcome.stderr).toMatch(/ENOSPC|No space left|full/);
      expect(outcome.stderr).toContain("qpod gc");
      expect(readdirSync(folder, { recursive: true }).filter((name) => String(name).endsWith("root.json"))).toEqual([]);
    });
    expect(await sandbox().say("make")).toContain(OLD);
  });

  test.skipIf(!isRoot)("under the state folder: the old registry is untouched", async () => {
    const before = readFileSync(join(sandbox().home, ".local/state/qpod/repositories.json"), "utf8");
    await onFullDisk(sandbox(), (folder) => {
      const other = sandbox().makeRepository(join(sandbox().home, "src", "other"));
      const outcome = sandbox().command(["init", "old"], { cwd: other, env: { XDG_STATE_HOME: folder } });
      expect(outcome.status).toBe(125);
      expect(outcome.stderr).toMatch(/ENOSPC/);
    });
    expect(readFileSync(join(sandbox().home, ".local/state/qpod/repositories.json"), "utf8")).toBe(before);
  });

  test.skipIf(!isRoot)("under the runtime folder: no policy, no command, and not the host's one", async () => {
    await onFullDisk(sandbox(), (folder) => {
      const outcome = sandbox().command(["run", "make"], { env: { XDG_RUNTIME_DIR: folder } });
      expect(outcome).toMatchObject({ status: 125, stdout: "" });
      expect(outcome.stderr).toMatch(/ENOSPC/);
    });
    expect(readdirSync(join(policyFile(sandbox()), "..")).filter((name) => name.startsWith(".policy"))).toEqual([]);
  });
});
