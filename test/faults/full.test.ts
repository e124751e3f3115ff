import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { testArchive } from "../support/sandbox-podman.ts";
import { expectPod, expectRefusal, forEverybody, halfWritten, isRoot } from "./refusals.ts";

forEverybody("a disk that fills up", (sandbox, person) => {
  let disk: string;

  beforeEach(() => {
    disk = sandbox().makeFolder("disk");
    if (isRoot)
      execFileSync("mount", ["-t", "tmpfs", "-o", `size=8m,nr_inodes=4000,mode=700,uid=${person.uid},gid=${person.gid}`, "none", disk]);
  });

  afterEach(() => {
    if (isRoot) execFileSync("umount", ["--lazy", disk]);
  });

  const filler = () => join(disk, "filler");

  function fill() {
    expect(() => writeFileSync(filler(), Buffer.alloc(16 << 20))).toThrow("ENOSPC");
  }

  const leftOn = () => (readdirSync(disk, { recursive: true, encoding: "utf8" }) as string[]).filter((path) => path !== "filler");

  test.skipIf(!isRoot)("while an archive is unpacked: nothing of it stays, and it goes on when there is room", async () => {
    const env = { XDG_DATA_HOME: disk };
    sandbox().write("home/.config/qpod/environments/large.yaml", `archive: ${await testArchive("small")}\nengine: embedded\n`);
    expectRefusal(sandbox().command(["run", "--env", "large", "--", "true"], { env }), /^qpod: .*(?:ENOSPC|full|No space).*\n/);
    expect(halfWritten(disk)).toEqual([]);
    expect(leftOn().filter((path) => /roots\/[^/]+\/(tree|scratch)/.test(path))).toEqual([]);
    execFileSync("mount", ["-o", "remount,size=400m,nr_inodes=100000", disk]);
    expect(sandbox().command(["run", "--env", "large", "--", "true"], { env })).toEqual({ status: 0, stdout: "", stderr: "" });
    sandbox().command(["down", "--all"], { env });
  });

  test.skipIf(!isRoot)("under the state folder: a binding is made as a whole or not at all", () => {
    const env = { XDG_STATE_HOME: disk };
    const repository = sandbox().makeRepository(join(sandbox().home, "src/full"));
    fill();
    expectRefusal(sandbox().command(["init", "old"], { cwd: repository, env }), /^qpod: .*ENOSPC\n {2}The disk is full.*\n$/);
    expect(existsSync(join(repository, ".git/qpod/bindings.json"))).toBe(false);
    expect(halfWritten(join(repository, ".git"))).toEqual([]);
    rmSync(filler());
    expect(sandbox().command(["init", "old"], { cwd: repository, env })).toMatchObject({ status: 0, stderr: "" });
    rmSync(repository, { recursive: true });
  });

  test.skipIf(!isRoot)("under the runtime folder, when a session begins and while it runs", () => {
    const env = { XDG_RUNTIME_DIR: disk };
    const make = () => sandbox().command(["shell", "-c", "make"], { env });
    fill();
    expectRefusal(make(), /^qpod: .*ENOSPC\n {2}The disk is full.*\n$/);
    rmSync(filler());
    expectPod(make());
    const policy = readFileSync(join(disk, "qpod/policy"));
    fill();
    expectRefusal(sandbox().command(["refresh"], { env }), /^qpod: .*ENOSPC\n {2}The disk is full.*\n$/);
    // What is there goes on to serve.
    expect(readFileSync(join(disk, "qpod/policy"))).toEqual(policy);
    expect(halfWritten(disk)).toEqual([]);
    expect(sandbox().command(["run", "true"], { env }).status).toBe(0);
    sandbox().must([
      "rm",
      ...readdirSync(join(disk, "qpod/pods"))
        .filter((name) => name.endsWith(".entry"))
        .map((name) => join(disk, "qpod/pods", name)),
    ]);
    rmSync(filler());
    sandbox().command(["down", "--all"], { env });
  });
});
