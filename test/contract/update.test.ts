import { execFileSync, spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { type Registry, startRegistry } from "../podman/registry.ts";
import { copyInstallation, type Installation } from "../support/installation.ts";
import { findSettings, Sandbox } from "../support/sandbox.ts";
import { testArchive } from "../support/sandbox-podman.ts";

const tools = ["docker-registry", "htpasswd", "umoci", "skopeo"];
const able = tools.every((tool) => spawnSync(tool, ["--help"]).error === undefined);
if (!able) test.skip(`images whose tag moves: needs ${tools.join(", ")}`);
const settings = able
  ? findSettings().filter(({ engine, person }) => (person.uid === 0 ? engine === "embedded" : engine === "podman"))
  : [];

describe.each(settings)("an image whose tag moves ($title)", (setting) => {
  let installation: Installation;
  let registry: Registry;
  let sandbox: Sandbox;
  let folder = "";
  let reference = "";

  /** Adds a layer to the image, and makes the tag name it. */
  function push(layer: string): void {
    execFileSync("umoci", ["raw", "add-layer", "--image", `${folder}/layout:tool`, layer]);
    execFileSync("skopeo", ["copy", "-q", "--dest-tls-verify=false", `oci:${folder}/layout:tool`, `docker://${reference}`]);
  }

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "qpod-moving-"));
    registry = await startRegistry(true);
    reference = `${registry.host}/old/tool:1`;
    execFileSync("umoci", ["init", "--layout", `${folder}/layout`]);
    execFileSync("umoci", ["new", "--image", `${folder}/layout:tool`]);
    push(await testArchive("small"));
    installation = copyInstallation();
    sandbox = new Sandbox(setting, installation);
    sandbox.write("home/.config/qpod/environments/old.yaml", `image: ${reference}\nengine: ${setting.engine}\n`);
    sandbox.makeRepository();
    sandbox.must([sandbox.qpod, "init", "old"]);
  });

  afterAll(() => {
    sandbox?.remove();
    registry?.stop();
    installation?.remove();
    rmSync(folder, { recursive: true, force: true });
  });

  const gc = (...options: string[]): { bytes: number; removed: { what: string; bytes: number }[] } =>
    JSON.parse(sandbox.must([sandbox.qpod, "gc", "--json", ...options]));

  test("is fetched by `qpod env update`; what runs keeps the old one until it ends, and then `qpod gc` removes that", async () => {
    sandbox.program("build", "ls /usr/bin/newtool 2>&1; read line; ls /usr/bin/newtool 2>&1; cat /etc/debian_version");
    const child = sandbox.start(["qpod-shell", "-c", "exec ./build"]);
    let said = "";
    child.stdout?.on("data", (chunk) => (said += chunk));
    const ended = new Promise((resolve) => child.once("close", resolve));
    await vi.waitFor(() => expect(said).toContain("No such file"), { interval: 10, timeout: 120_000 });
    expect(sandbox.must([sandbox.qpod, "env", "update", "old"])).toMatch(/^old is up to date \(\S+\)\n$/);

    mkdirSync(join(folder, "new/usr/bin"), { recursive: true });
    writeFileSync(join(folder, "new/usr/bin/newtool"), "#!/bin/sh\n");
    chmodSync(join(folder, "new/usr/bin/newtool"), 0o755);
    execFileSync("tar", ["-C", join(folder, "new"), "-cf", join(folder, "new.tar"), "usr/bin/newtool"]);
    push(join(folder, "new.tar"));
    expect(await sandbox.say("echo | ./build")).toContain("No such file");
    expect(sandbox.must([sandbox.qpod, "env", "update", "old"])).toMatch(
      /^updated old from (\S+) to (?!\1)\S+\n {2}new program: newtool\n$/,
    );
    expect(await sandbox.say("echo | ./build")).toMatch(/^\/usr\/bin\/newtool\n\/usr\/bin\/newtool\n11\./);
    expect(gc("--dry-run").removed.filter(({ what }) => what.startsWith("root "))).toEqual([]);
    child.stdin?.end("\n");
    expect(await ended).toBe(0);
    expect(said.match(/No such file/g)).toHaveLength(2);
    expect(said).toMatch(/\n11\./);

    const trial = gc("--dry-run");
    expect(trial.removed).toContainEqual({ what: `root ${reference}`, bytes: expect.any(Number) });
    expect(trial.removed.find(({ what }) => what.startsWith("root "))?.bytes).toBeGreaterThan(10_000_000);
    const { bytes, removed } = gc();
    expect({ bytes, removed }).toEqual({ bytes: trial.bytes, removed: trial.removed });
    expect(gc().removed).toEqual([]);
    expect(await sandbox.say("echo | ./build")).toMatch(/^\/usr\/bin\/newtool\n/);
  });
});
