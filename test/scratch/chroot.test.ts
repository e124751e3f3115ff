import { existsSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { SmallSystem } from "./small-system.ts";

const canRun = process.getuid?.() === 0 && ["/bin/busybox", "/usr/bin/busybox"].some(existsSync);

/** Needs root, who alone can take the right to mount away and keep that to change the root; and busybox. */
describe.skipIf(!canRun)("a root who may not mount, where there is no proot", () => {
  let system: SmallSystem;

  beforeAll(() => {
    system = new SmallSystem();
  });
  afterAll(() => system.remove());

  test("is told the way by doctor, and which one was asked for in vain", () => {
    const { stdout, stderr } = system.run("qpod doctor; cd /src; qpod scratch --way copy -- true");
    expect(stdout).toMatch(/scratch: mount namespaces: .*; proot is not installed: a copy of the whole system is entered by chroot/);
    expect(stderr).toMatch(/^qpod: nothing keeps the folder as it is: mount namespaces: .*\n {2}Give the container/);
  });

  test("tries changes to a folder out in a copy of the whole system", () => {
    const { stdout, stderr } = system.run(`cd /src; echo one > a
qpod scratch -- sh -c 'pwd; echo two >> a; echo x > b; echo x > /outside; echo x > /dev/null; ls /proc; cat /run/*'
cat a; ls /; qpod scratch list; qpod scratch diff --stat; qpod scratch keep; cat a b; ls /root/.local/share/qpod/scratch`);
    expect(stderr.replace(/\d+ MB/, "N MB")).toMatch(/^qpod: warning: copying the whole system, N MB, to \/root\/\S+\n/);
    expect(stdout).toMatch(/^\/src\none\nbin\n/);
    expect(stdout).not.toContain("outside");
    expect(stdout).toMatch(/\n\/src {4}chroot {2}.*\nM {2}a\nA {2}b\nkept 2 changes in \/src\none\ntwo\nx\n$/);
  });

  test("tries changes to the whole system out", () => {
    const { stdout } = system.run(`echo old > /etc/x
qpod scratch --system -- sh -c 'echo x > /outside; rm /etc/x'; cat /etc/x; qpod scratch diff / --stat; qpod scratch keep /; ls /etc /outside`);
    expect(stdout).toMatch(/^old\nD {2}etc\/x\nA {2}outside\nkept 2 changes in \/\n\/outside\n\n\/etc:\n$/);
  });

  test("is refused, and nothing is left, where there is no room for the copy", () => {
    const { stdout, stderr } = system.run("cd /src; qpod scratch -- true; echo $?; ls /root/.local/share/qpod/scratch", 1.6);
    expect(stdout).toBe("125\n");
    expect(stderr.replaceAll(/\d+(\.\d)? MB/g, "N MB")).toMatch(
      /^qpod: a copy of \/ takes N MB, and where it would be, in \/root\/\S+, N MB are free\n {2}Make room, choose/,
    );
  });
});
