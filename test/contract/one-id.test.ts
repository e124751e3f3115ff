import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type LocalArchive, serveArchive } from "../image/local-archive.ts";
import { copyInstallation, type Installation } from "../support/installation.ts";
import { strangerUser } from "../support/ordinary-user.ts";
import { Sandbox } from "../support/sandbox.ts";

const isRoot = process.getuid?.() === 0;
if (!isRoot) test.skip("one id alone: a user without subordinate ids can only be made by root");

/** Files of other owners, a script that becomes somebody else, gives files away and makes a device. */
function makePackage(folder: string): void {
  const root = join(folder, "root");
  mkdirSync(join(root, "DEBIAN"), { recursive: true });
  mkdirSync(join(root, "usr/share/giver"), { recursive: true });
  writeFileSync(join(root, "usr/share/giver/given"), "here\n");
  const fields = ["Package: giver", "Version: 1", "Architecture: all", "Maintainer: Q <q@example.com>", "Description: gives files away"];
  writeFileSync(join(root, "DEBIAN/control"), `${fields.join("\n")}\n`);
  const script = [
    "#!/bin/sh",
    "set -e",
    "chown games:mail /usr/share/giver/given",
    "chgrp -h mail /usr/share/giver",
    "install -o man -g man -d /var/lib/giver",
    "mknod /var/lib/giver/null c 1 3",
    "adduser --system --group --quiet giver",
    "su -s /bin/sh -c 'touch /var/lib/giver/made' giver",
    "",
  ];
  writeFileSync(join(root, "DEBIAN/postinst"), script.join("\n"), { mode: 0o755 });
  execFileSync("chown", ["-R", "games:mail", join(root, "usr/share/giver")]);
  execFileSync("dpkg-deb", ["--build", root, join(folder, "giver_1_all.deb")], { stdio: "pipe" });
  rmSync(root, { recursive: true });
}

describe.runIf(isRoot)("a user with one id alone", () => {
  let installation: Installation;
  let sandbox: Sandbox;
  let archive: LocalArchive;
  let folder = "";

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "qpod-one-id-"));
    chmodSync(folder, 0o755);
    mkdirSync(join(folder, "debs"));
    makePackage(join(folder, "debs"));
    archive = await serveArchive(join(folder, "debs"), join(folder, "served"), "bullseye", false);
    installation = copyInstallation();
    sandbox = new Sandbox({ engine: "embedded", person: strangerUser(), title: "" }, installation);
    await sandbox.furnish("", { own: "packages" });
  });

  afterAll(() => {
    archive?.close();
    sandbox?.remove();
    installation?.remove();
    rmSync(folder, { recursive: true, force: true });
  });

  test("installs packages in a pod as its root, by apt as it is", async () => {
    sandbox.program(
      "install",
      `echo 'deb [trusted=yes check-valid-until=no] ${archive.uri} bullseye main' > /etc/apt/sources.list
       mkdir -p /var/cache/apt/archives/partial # left out of the tests' tarball
       export DEBIAN_FRONTEND=noninteractive
       apt-get update --quiet=2 && apt-get install --quiet=2 --yes giver 2>&1`,
    );
    sandbox.program("look", "cat /usr/share/giver/given; test -e /var/lib/giver/made; id -u; chown games /usr/share/giver/given 2>&1");
    // The session is for a child that does not block this process: the archive is served by it.
    const { status, stdout, stderr } = await sandbox.session("qpod run --root ./install");
    expect({ status, stderr }, stdout).toEqual({ status: 0, stderr: "" });
    expect(stdout).toContain("Setting up giver (1)");
    const seen = await sandbox.session("./look");
    // Nothing is pretended to who is not the pod's root.
    expect(seen).toMatchObject({ status: 1, stdout: expect.stringContaining(`here\n${sandbox.person.uid}\nchown: changing ownership of`) });
    expect(readFileSync("/etc/passwd", "utf8")).not.toContain("giver");
  });
});
