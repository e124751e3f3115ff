import assert from "node:assert/strict";
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { LabError, lab } from "../../src/lab/index.ts";
import type { RootOptions } from "../../src/lab/topology.ts";

const roots = (folder: string): RootOptions[] => ["system", { folder }];

export const rootCases: Record<string, (argument: string) => Promise<void>> = {
  async "a write to /etc is not seen outside, nor in another host"() {
    const before = readFileSync("/etc/hosts", "utf8");
    await using net = lab({ hosts: { a: {}, b: { root: "system" } } });
    await net.up();
    for (const host of net.hosts.values()) {
      await host.run("sh", ["-c", "echo changed >> /etc/hosts; echo new > /etc/lab-was-here; rm /etc/hostname"]);
      assert.match((await host.run("cat", ["/etc/hosts"])).stdout, /changed/);
    }
    assert.equal(readFileSync("/etc/hosts", "utf8"), before);
    assert.equal(existsSync("/etc/lab-was-here"), false);
    assert.equal(existsSync("/etc/hostname"), true);
    await using fresh = lab({ hosts: { a: {} } });
    await fresh.up();
    assert.doesNotMatch((await fresh.hosts.get("a")?.run("cat", ["/etc/hosts"]))?.stdout ?? "", /changed/);
  },

  async "changes of a root of its own are gone with the lab"(folder) {
    for (const root of roots(folder)) {
      const change = ["-c", "echo mine > /opt/lab-was-here && echo mine > /var/lab-was-here && cat /opt/lab-was-here"];
      for (let i = 0; i < 2; i++) {
        await using net = lab({ hosts: { a: { root } } });
        await net.up();
        assert.equal((await net.hosts.get("a")?.outcome("ls", ["/opt/lab-was-here"]))?.exitCode, 2);
        assert.equal((await net.hosts.get("a")?.run("sh", change))?.stdout, "mine\n");
      }
      const base = root === "system" ? "/" : folder;
      assert.equal(existsSync(`${base}/opt/lab-was-here`), false);
      assert.equal(existsSync(`${base}/var/lab-was-here`), false);
    }
  },

  async "the old root is gone after the pivot"(folder) {
    await using net = lab({ hosts: { a: { root: { folder } } } });
    await net.up();
    const run = async (script: string) => (await net.hosts.get("a")?.run("sh", ["-c", script]))?.stdout ?? "";
    assert.match(await run("cat /etc/os-release"), /bullseye/);
    assert.equal(await run("ls -A / | grep qpod || true"), "");
    // Where every process's root leads, and each mount.
    assert.doesNotMatch(await run("cat /proc/self/mountinfo"), / \/\.qpod-host| \/run\/\.lab/);
    assert.equal(await run("readlink /proc/self/root; cd /../.. && pwd"), "/\n/\n");
  },

  async "a host's root is an environment's, with its programs, beside one of the system's"(folder) {
    const config = mkdtempSync(`${process.env.HOME}/config-`);
    process.env.XDG_CONFIG_HOME = config;
    mkdirSync(`${config}/qpod/environments`, { recursive: true });
    writeFileSync(`${config}/qpod/environments/old.yaml`, `rootfs: ${folder}\n`);
    await using net = lab({ hosts: { old: { root: { environment: "old" } }, now: {} } });
    net.link("old", "now", { addresses: { old: ["10.0.0.1/24", "fd00::1/64"], now: ["10.0.0.2/24", "fd00::2/64"] } });
    await net.up();
    const [old, now] = ["old", "now"].map((name) => net.hosts.get(name));
    const build = `. /etc/os-release && echo $VERSION_CODENAME && cd /tmp && echo 'int main() { return 3; }' > a.c && gcc a.c && ./a.out; echo $?`;
    assert.equal((await old?.run("sh", ["-c", build]))?.stdout, "bullseye\n3\n");
    const server = now?.start("python3", ["-c", "import socket; socket.create_server(('', 80)).accept()[0].sendall(b'hello')"]);
    await server?.listens(80);
    const ask = "import socket; print(socket.create_connection(('now', 80), 5).recv(9))";
    assert.equal((await old?.run("python2", ["-c", ask]))?.stdout, "hello\n");
    await old?.run("sh", ["-c", "touch /etc/lab-was-here /usr/bin/lab-was-here"]);
    assert.equal(existsSync(`${folder}/etc/lab-was-here`), false);
    await net.down();
    const unknown = lab({ hosts: { a: { root: { environment: "older" } } } });
    await assert.rejects(
      unknown.up(),
      (error) =>
        error instanceof LabError && error.code === "bad-root" && /^the root of "a": there is no environment "older"/.test(error.message),
    );
    rmSync(config, { recursive: true });
  },

  async "/proc, /dev and /sys work in a root of its own"(folder) {
    for (const root of roots(folder)) {
      await using net = lab({ hosts: { a: { root } } });
      await net.up();
      const run = async (script: string) => (await net.hosts.get("a")?.run("sh", ["-c", script]))?.stdout.trim();
      assert.equal(await run("echo /proc/self/exe && head -c 3 /dev/zero | wc -c && ls /sys/class/net"), "/proc/self/exe\n3\nlo");
      assert.equal(await run("cat /proc/1/comm"), "qpod-lab");
      assert.equal(await run("echo x > /dev/null && echo y > /dev/shm/y && cat /dev/shm/y && test -c /dev/ptmx && echo tty"), "y\ntty");
      assert.equal(existsSync("/dev/shm/y"), false);
    }
  },

  /** Argument: a folder in which the test mounts something on "late" when asked. */
  async "mounts pass as they should"(folder) {
    await using net = lab({ hosts: { slave: {}, private: { propagation: "private" } } });
    await net.up();
    for (const host of net.hosts.values()) await host.run("mount", ["-t", "tmpfs", "inside", `${folder}/inside`]);
    for (const host of net.hosts.values()) await host.run("sh", ["-c", `echo only here > ${folder}/inside/file`]);
    process.stdout.write("mounted\n");
    await new Promise((resolve) => process.stdin.once("data", resolve));
    for (const [name, host] of net.hosts) {
      const { stdout } = await host.run("sh", ["-c", `grep -c ' ${folder}/late ' /proc/self/mountinfo || true`]);
      assert.equal(stdout.trim(), name === "slave" ? "1" : "0", name);
    }
    process.stdin.destroy();
  },

  async "a tree that is changed below a copy is warned of"() {
    const folder = mkdtempSync(`${process.env.HOME}/tree-`);
    for (const name of ["bin", "etc", "proc", "sys", "dev", "run"]) mkdirSync(`${folder}/${name}`);
    // Static, so that it needs nothing else.
    copyFileSync(process.argv[4] ?? "", `${folder}/bin/tool`);
    const warnings: Error[] = [];
    process.removeAllListeners("warning").on("warning", (warning) => warnings.push(warning));
    for (const change of [false, true]) {
      await using net = lab({ hosts: { a: { root: { folder } } } });
      await net.up();
      await net.hosts.get("a")?.outcome("/bin/tool");
      if (change) writeFileSync(`${folder}/etc/motd`, "changed");
      await net.down();
      await new Promise((resolve) => setImmediate(resolve));
      assert.deepEqual(
        warnings.map(({ message }) => message),
        change ? [`${folder} was changed while hosts had copies of it: /etc, /etc/motd`] : [],
      );
    }
    rmSync(folder, { recursive: true });
  },
};
