import assert from "node:assert/strict";
import { LabError, withLab } from "../../src/lab/index.ts";
import { command } from "../../src/process/index.ts";
import { pairOfHosts } from "./networks.ts";

const isLabError = (code: string, message: RegExp) => (error: unknown) =>
  error instanceof LabError && error.code === code && message.test(error.message);

/** A server that waits, listens, and answers once with where the question came from. */
const server = `import socket, sys, time
s = socket.create_server(("::", int(sys.argv[1])), family=socket.AF_INET6, dualstack_ipv6=True)
print("serving", flush=True)
while True:
    c, who = s.accept()
    c.sendall(who[0].encode())
    c.close()`;
const ask = `import socket, sys; print(socket.create_connection((sys.argv[1], int(sys.argv[2])), 5).recv(99).decode())`;

export const commandCases: Record<string, (argument: string) => Promise<void>> = {
  async "a server is used as soon as it listens"() {
    await using net = pairOfHosts();
    await net.up();
    const one = net.host2("b").start("python3", ["-c", `import time; time.sleep(0.2)\n${server}`, "80"]);
    await one.listens(80);
    assert.equal((await net.host2("a").run("python3", ["-c", ask, "10.0.0.2", "80"])).stdout, "::ffff:10.0.0.1\n");
    assert.equal((await net.host2("a").run("python3", ["-c", ask, "fd00::2", "80"])).stdout, "fd00::1\n");
    await one.prints("serving");
    one.kill();
    assert.equal((await one.wait()).signal, "SIGTERM");
  },

  async "a port of UDP is waited for, too, and only that of this host"() {
    await using net = pairOfHosts();
    await net.up();
    const bind = `import socket, time; s = socket.socket(type=socket.SOCK_DGRAM); s.bind(("", 53)); time.sleep(1000)`;
    const one = net.host2("a").start("python3", ["-c", bind]);
    await one.listens(53, { protocol: "udp" });
    const other = net.host2("b").start("sleep", ["1000"]);
    await assert.rejects(
      other.listens(53, { protocol: "udp", timeout: 100 }),
      isLabError("timeout", /sleep 1000 on b did not listen on port 53 within 100 ms/),
    );
  },

  async "who waits for a command that ends is told so, with its last words"() {
    await using net = pairOfHosts();
    await net.up();
    const one = net.host2("a").start("sh", ["-c", "echo no such configuration >&2; exit 3"]);
    await assert.rejects(one.listens(80), isLabError("state", /ended before it could listen on port 80\n {2}no such configuration/));
    await assert.rejects(one.prints("ready"), isLabError("state", /ended before it could print ready/));
    await assert.rejects(
      net.host2("a").run("sh", ["-c", "echo bad >&2; exit 3"]),
      isLabError("command", /on a ended with status 3\n {2}bad/),
    );
  },

  async "a command has its input, folder, variables and time"() {
    await using net = pairOfHosts();
    await net.up();
    const a = net.host2("a");
    assert.equal((await a.run("cat", [], { input: "words" })).stdout, "words");
    assert.equal((await a.run("pwd", [], { cwd: "/usr" })).stdout, "/usr\n");
    assert.equal((await a.run("sh", ["-c", "echo $A$HOME"], { env: { A: "1", HOME: undefined } })).stdout, "1\n");
    await assert.rejects(a.run("pwd", [], { cwd: "/no-such-folder" }), isLabError("command", /cannot go to the folder \/no-such-folder/));
    const began = performance.now();
    const late = await a.outcome("sh", ["-c", "sleep 1000; true"], { timeout: 200 });
    assert.ok(late.timedOut && performance.now() - began < 5000);
    await assert.rejects(a.run("sleep", ["1000"], { timeout: 10 }), isLabError("timeout", /sleep 1000 on a was killed after its time/));
  },

  async "what a command leaves running does not hold its result"() {
    await using net = pairOfHosts();
    await net.up();
    const began = performance.now();
    assert.equal((await net.host2("a").run("sh", ["-c", "sleep 1000 & echo started"])).stdout, "started\n");
    assert.ok(performance.now() - began < 5000);
  },

  async "a server that refuses or drops IPv6 is reached by IPv4, at once or after the client's patience"() {
    // As RFC 8305 asks: IPv6 first, and IPv4 beside it when the first has brought nothing for a while.
    const client = `
const net = require("node:net"), began = process.hrtime.bigint();
const socket = net.connect({ host: "b", port: 80, autoSelectFamily: true, autoSelectFamilyAttemptTimeout: 1000 });
socket.on("connect", () => { console.log(socket.remoteFamily, Number((process.hrtime.bigint() - began) / 1000000n)); socket.destroy(); });
socket.on("error", (error) => { console.log(error.code); process.exit(1); });`;
    const reach = async (host: { run: (program: string, args: string[]) => Promise<{ stdout: string }> }) => {
      const [family, time] = (await host.run(process.execPath, ["-e", client])).stdout.trim().split(" ");
      return { family, time: Number(time) };
    };
    await using net = pairOfHosts();
    await net.up();
    const [a, b] = [net.host2("a"), net.host2("b")];
    const serving = b.start("python3", ["-c", server, "80"]);
    await serving.listens(80);
    assert.equal((await reach(a)).family, "IPv6");
    await b.run("nft", [
      "add table ip6 f; add chain ip6 f c { type filter hook input priority 0; }; add rule ip6 f c tcp dport 80 reject with tcp reset",
    ]);
    const rejected = await reach(a);
    assert.equal(rejected.family, "IPv4");
    await b.run("nft", ["flush chain ip6 f c; add rule ip6 f c tcp dport 80 drop"]);
    const dropped = await reach(a);
    assert.equal(dropped.family, "IPv4");
    assert.ok(dropped.time >= 990, `it waited for ${dropped.time} ms`);
  },

  async "a failed test shows what the lab looked like"() {
    const failing = withLab(pairOfHosts(), async (net) => {
      await net.hosts.get("a")?.run("echo", ["the answer"]);
      throw new Error("expected more");
    });
    await assert.rejects(failing, (error: Error) => {
      assert.match(error.message, /^expected more\n\nthe lab:\n/);
      for (const part of [
        /eth0@\S+ +UP +10\.0\.0\.1\/24 fd00::1\/64/,
        /10\.0\.0\.0\/24 dev eth0/,
        /a\$ echo the answer\n +succeeded after \d+ ms\n +the answer/,
      ])
        assert.match(error.message, part);
      return true;
    });
  },

  async "the report of a failed test of node:test has the lab beside its error"() {
    const said: string[] = [];
    const body = async () => Promise.reject(new Error("expected more"));
    await assert.rejects(withLab(pairOfHosts(), body, { diagnostic: (message) => said.push(message) }), /^Error: expected more$/);
    assert.match(said.join("\n"), /eth0@\S+ +UP +10\.0\.0\.1\/24/);
  },

  async "delay, loss and rate are refused before any host is made where the kernel has no netem"() {
    const net = pairOfHosts({ delay: 10, loss: 1 });
    try {
      await net.up();
    } catch (error) {
      assert.ok(
        isLabError("no-netem", /the link between a and b cannot be delayed, lossy or slow: .*\n {2}The kernel needs netem/)(error),
        String(error),
      );
      return;
    }
    // This kernel has it.
    const { stdout } = await net.host2("a").run("ping", ["-n", "-c1", "-W2", "10.0.0.2"]);
    assert.ok(Number(/time=([\d.]+)/.exec(stdout)?.[1]) >= 20);
    await net.down();
  },

  async "a command of the process API runs in a host"() {
    await using net = pairOfHosts();
    await net.up();
    const a = net.host2("a");
    assert.equal((await command("hostname").in(a).run()).stdout, "a\n");
    assert.equal((await a.run(command("hostname"))).stdout, "a\n");
    assert.equal((await a.outcome(command("sh", ["-c", "exit 7"]))).exitCode, 7);
    assert.equal((await (await a.start(command("hostname"))).wait()).stdout, "a\n");
    assert.equal((await command("pwd").in(a).cwd("/usr").run()).stdout, "/usr\n");
    assert.equal((await command("cat").in(a).input("words").run()).stdout, "words");
    assert.equal(await command("sh", ["-c", "exit 7"]).in(a).status(), 7);
    const lines: string[] = [];
    for await (const line of command("sh", ["-c", "echo one; echo two"]).in(a).lines()) lines.push(line);
    assert.deepEqual(lines, ["one", "two"]);
    const late = await command("sleep", ["1000"]).in(a).timeout(200).outcome();
    assert.ok(late.timedOut);
    await net.down();
    await assert.rejects(command("true").in(a).run(), isLabError("state", /the lab is down/));
  },
};
