import { execFileSync } from "node:child_process";
import {
  chmodSync,
  copyFileSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { copyInstallation, type Installation } from "../support/installation.ts";
import { findPeople } from "../support/person.ts";
import { type Outcome, Sandbox } from "../support/sandbox.ts";

function expectSettled({ status, stderr }: Outcome): void {
  expect(stderr).toMatch(status === 0 ? /^$/ : /^qpod: (cannot |.*: )/);
  expect([0, 125]).toContain(status);
  expect(stderr).not.toMatch(/^\s+at .*:\d+|internal error/m);
}

/** A tree whose links would like to have qpod's own writing and mounting done on the host. */
describe.each(findPeople())("a hostile root filesystem, used by $name", (person) => {
  let installation: Installation;
  let sandbox: Sandbox;
  let victim: string;

  beforeAll(() => {
    installation = copyInstallation();
    sandbox = new Sandbox({ engine: "embedded", person, title: person.name }, installation);
    sandbox.makeRepository();
    victim = sandbox.makeFolder("victim");
    sandbox.write("victim/passwd", "somebody:x:1:1::/:/bin/sh\n");
    sandbox.write("victim/group", "somebody:x:1:\n");
    symlinkSync("nothing", join(victim, "resolv.conf"));
  });

  afterAll(() => {
    sandbox?.remove();
    installation.remove();
  });

  /** A tree of this person's with two static programs in it. */
  function plant(name: string, make: (tree: string) => void): string {
    const tree = sandbox.makeFolder(`trees/${name}`);
    for (const folder of ["bin", "etc", "home", "usr"]) mkdirSync(join(tree, folder));
    for (const name of ["true", "cat"]) {
      copyFileSync("/bin/busybox", join(tree, "bin", name));
      chmodSync(join(tree, "bin", name), 0o755);
    }
    make(tree);
    execFileSync("chown", ["-hR", `${person.uid}:${person.gid}`, tree]);
    return tree;
  }

  function enter(name: string, tree: string) {
    sandbox.write(`home/.config/qpod/environments/${name}.yaml`, `rootfs: ${tree}\nengine: embedded\n`);
    return sandbox.command(["run", "--env", name, "true"]);
  }

  const link = (target: () => string, path: string) => (tree: string) => {
    rmSync(join(tree, path), { recursive: true, force: true });
    mkdirSync(dirname(join(tree, path)), { recursive: true });
    symlinkSync(target(), join(tree, path));
  };
  const links: [string, (tree: string) => void][] = [
    ["/etc to where the host's tree is while a pod is made", link(() => `/.qpod-host${victim}`, "etc")],
    ["/etc to the host's root by /proc", link(() => `/proc/1/root${victim}`, "etc")],
    ["/etc to its own root by /proc", link(() => `/proc/self/root/.qpod-host${victim}`, "etc")],
    ["/etc out by ..", link(() => `../../../../../../..${victim}`, "etc")],
    ["/etc out by its name", link(() => victim, "etc")],
    ["/home out", link(() => `/.qpod-host${victim}`, "home")],
    ["/run out", link(() => `/.qpod-host${victim}`, "run")],
    ["/proc out", link(() => `/.qpod-host${victim}`, "proc")],
    ["/dev out", link(() => victim, "dev")],
    ["/tmp out", link(() => `../..${victim}`, "tmp")],
    ["/var out", link(() => `/.qpod-host${victim}`, "var")],
    ["/etc/passwd out", link(() => `/.qpod-host${victim}/passwd`, "etc/passwd")],
    ["/etc/resolv.conf out", link(() => `/.qpod-host${victim}/resolv.conf`, "etc/resolv.conf")],
    ["qpod's own folder elsewhere", link(() => "etc", ".qpod-host")],
  ];

  // The launcher does the same for an ordinary user, with fewer rights.
  const tried = person.uid === 0 ? links : links.filter((_, i) => i % 4 === 0);

  test.each(tried)("with a link from %s has nothing written, removed or mounted there", (what, make) => {
    const name = `t${links.findIndex(([one]) => one === what)}`;
    const outcome = enter(name, plant(name, make));
    // It is a pod like others, or it is refused.
    expectSettled(outcome);
    expect(readdirSync(victim).sort()).toEqual(["group", "passwd", "resolv.conf"]);
    expect(readFileSync(join(victim, "passwd"), "utf8")).toBe("somebody:x:1:1::/:/bin/sh\n");
    expect(lstatSync(join(victim, "resolv.conf")).isSymbolicLink()).toBe(true);
    expect(readFileSync("/proc/self/mountinfo", "utf8")).not.toContain(sandbox.folder);
  });

  const huge = (path: string) => (tree: string) => {
    writeFileSync(join(tree, path), "");
    truncateSync(join(tree, path), 100e9);
  };
  const oddities: [string, (tree: string) => void][] = [
    ["a list of users that is a FIFO", (tree) => execFileSync("mkfifo", [join(tree, "etc/passwd")])],
    ["a list of users that is a folder", (tree) => mkdirSync(join(tree, "etc/passwd"))],
    ["a list of users of 100 GB", huge("etc/passwd")],
    ["a release's name of 100 GB", huge("etc/os-release")],
    ["a release's name that is a FIFO", (tree) => execFileSync("mkfifo", [join(tree, "etc/os-release")])],
    ["links that go in circles", link(() => "etc", "etc")],
  ];

  test.each(oddities)("with %s is entered or refused at once", (what, make) => {
    const name = `o${oddities.findIndex(([one]) => one === what)}`;
    const began = performance.now();
    const outcome = enter(name, plant(name, make));
    expectSettled(outcome);
    expect(performance.now() - began).toBeLessThan(30_000);
  });

  test("with lines in its list of users that are none still knows the user", () => {
    const lines = `\n\n:::\nroot\n+::::::\n\0\n#x:y\nlong${"x".repeat(5000)}:x:0:0::/:\nno newline`;
    const tree = plant("users", (folder) => {
      writeFileSync(join(folder, "etc/passwd"), lines);
    });
    sandbox.write("home/.config/qpod/environments/users.yaml", `rootfs: ${tree}\nengine: embedded\n`);
    const { stdout } = sandbox.command(["run", "--env", "users", "cat", "/etc/passwd"]);
    const user = stdout.split("\n").filter((line) => line.startsWith(`${person.name}:`));
    expect([stdout.startsWith(lines), user]).toEqual([true, [expect.stringMatching(`^${person.name}:x:${person.uid}:${person.gid}:`)]]);
  });
});
