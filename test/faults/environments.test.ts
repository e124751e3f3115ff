import { existsSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { hasPodman } from "../support/sandbox-podman.ts";
import { expectPod, expectRefusal, forEverybody, halfWritten } from "./refusals.ts";

forEverybody("an environment that cannot be had", (sandbox) => {
  const file = () => join(sandbox().home, ".config/qpod/environments/old.yaml");

  afterEach(async () => {
    sandbox().define("old");
    sandbox().command(["refresh"]);
    expectPod(await sandbox().session("make"));
    expect(halfWritten(sandbox().folder)).toEqual([]);
  });

  /** The same error for every way to the environment. */
  async function expectRefused(error: RegExp) {
    sandbox().command(["refresh"]);
    expectRefusal(await sandbox().session("make"), error);
    expectRefusal(sandbox().command(["run", "make"]), error);
  }

  test("because there is none of that name", () => {
    const error = /^qpod: there is no environment(?: named)? "?ol"?.*\n {2}.*old.*\n$/;
    expectRefusal(sandbox().command(["init", "ol"]), error);
    expectRefusal(sandbox().command(["run", "--env", "ol", "--", "make"]), error);
    expectRefusal(sandbox().command(["env", "show", "ol"]), error);
    expect(sandbox().command(["status", "--json"]).stdout).toContain('"environment":"old"');
  });

  test("because its file was removed", async () => {
    rmSync(file());
    await expectRefused(/^qpod: there is no environment .*old.*\n(?: {2}.*\n)?$/);
  });

  test.each([
    ["is not YAML", "rootfs: [1, 2\n", /old\.yaml:\d+:\d+: /],
    ["has a tab", "variables:\n\tset: {}\n", /old\.yaml:2:1: /],
    ["has a key that does not exist", "rootfs: /x\nmount: [/y]\n", /old\.yaml:2:1: .*mount.*\n {2}Did you mean "?mounts/],
    ["has two roots", "rootfs: /x\nimage: y\n", /old\.yaml:[12]:1: .*second root/],
    ["has no root", "commands: [make]\n", /old\.yaml:1:1: .*no root/],
    ["has an engine that does not exist", "rootfs: /x\nengine: doker\n", /old\.yaml:2:9: /],
    ["is empty", "", /old\.yaml:1:1: .*empty/],
    ["is no text", "\x00\x01\x02", /old\.yaml/],
  ])("because its file %s", async (_, text, place) => {
    sandbox().write("home/.config/qpod/environments/old.yaml", text);
    await expectRefused(new RegExp(`^qpod: /.*${place.source}`));
  });

  test("because its folder is gone", async () => {
    sandbox().write("home/.config/qpod/environments/old.yaml", "rootfs: /nowhere/at/all\n");
    await expectRefused(/^qpod: .*\/nowhere\/at\/all.*\n/);
  });

  test.each([
    ["is gone", undefined],
    ["is empty", ""],
    ["is no archive", "nothing that could be unpacked, but long enough\n".repeat(100)],
  ])("because its archive %s", async (_, text) => {
    const archive = join(sandbox().folder, "broken.tar");
    if (text === undefined) rmSync(archive, { force: true });
    else sandbox().write("broken.tar", text);
    sandbox().write("home/.config/qpod/environments/old.yaml", `archive: ${archive}\nengine: embedded\n`);
    await expectRefused(/^qpod: .*broken\.tar.*\n/);
    const roots = join(sandbox().env.XDG_DATA_HOME ?? "", "qpod/roots");
    expect((existsSync(roots) ? readdirSync(roots) : []).filter((name) => name.startsWith("archive-") && !name.endsWith(".lock"))).toEqual(
      [],
    );
  });

  test.skipIf(!hasPodman())("because its image cannot be pulled", async () => {
    // Port 9 of loopback: nobody listens there.
    sandbox().write("home/.config/qpod/environments/old.yaml", "image: 127.0.0.1:9/none:1\n");
    sandbox().command(["refresh"]);
    const { status, stdout, stderr } = await sandbox().session("make");
    expectRefusal({ status, stdout, stderr }, /^qpod: .*127\.0\.0\.1:9.*\n/);
  });

  test("because a mount has no source", async () => {
    sandbox().define("old", "mounts: [/nowhere/at/all]\n");
    sandbox().command(["refresh"]);
    expectRefusal(await sandbox().session("make"), /^qpod: .*\/nowhere\/at\/all.*\n/);
    expect(
      sandbox()
        .pods()
        .filter(({ commands }) => commands.length > 0),
    ).toEqual([]);
  });

  test("because the repository's own definitions cannot be read", async () => {
    sandbox().must(["mv", ".git/qpod/bindings.json", ".git/qpod/kept"]);
    sandbox().write("home/src/tool/.git/qpod/bindings.json", "{ not json");
    sandbox().command(["refresh"]);
    expectRefusal(await sandbox().session("make"), /^qpod: .*bindings\.json.*\n/);
    sandbox().must(["mv", ".git/qpod/kept", ".git/qpod/bindings.json"]);
  });

  test("because the repository's own definitions are gone", async () => {
    sandbox().must(["mv", ".git/qpod/bindings.json", ".git/qpod/kept"]);
    sandbox().command(["refresh"]);
    expectRefusal(await sandbox().session("make"), /^qpod: .*bindings\.json: the bindings that you made here are gone\n.*qpod init/);
    expect(sandbox().command(["status"]).stdout).toMatch(/not counted .*bindings\.json: it is gone/);
    sandbox().must(["mv", ".git/qpod/kept", ".git/qpod/bindings.json"]);
  });
});
