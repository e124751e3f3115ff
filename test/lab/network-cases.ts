import assert from "node:assert/strict";
import { LabError, lab } from "../../src/lab/index.ts";
import { pairOfHosts, routed } from "./networks.ts";

const ping = (to: string, ...more: string[]) => ["-n", "-c1", "-W2", ...more, to];

export const networkCases: Record<string, (argument: string) => Promise<void>> = {
  async "two hosts reach each other by name, over IPv4 and IPv6"() {
    await using net = pairOfHosts();
    await net.up();
    const a = net.host2("a");
    assert.match((await a.run("ping", ping("b", "-4"))).stdout, /from 10\.0\.0\.2/);
    assert.match((await a.run("ping", ping("b", "-6"))).stdout, /from fd00::2/);
  },

  async "a router passes on what two networks say to each other"() {
    await using net = routed();
    await net.up();
    const client = net.host2("client");
    for (const address of ["10.0.2.2", "fd02::2"]) {
      assert.match((await client.run("ping", ping(address))).stdout, /ttl=63/);
    }
    const route = (await client.run("ip", ["route", "get", "10.0.2.2"])).stdout;
    assert.match(route, /via 10\.0\.1\.1 dev eth0/);
  },

  async "without forwarding nothing passes"() {
    await using net = routed({ forward: false });
    await net.up();
    assert.notEqual((await net.host2("client").outcome("ping", ["-n", "-c1", "-W1", "10.0.2.2"])).exitCode, 0);
  },

  async "all hosts of a switch reach each other"() {
    await using net = lab();
    const lan = net.switch("lan");
    for (let i = 1; i <= 4; i++) net.link(net.host(`h${i}`), lan, { addresses: { [`h${i}`]: [`10.0.0.${i}/24`, `fd00::${i}/64`] } });
    await net.up();
    for (const [name, host] of net.hosts)
      for (const other of net.hosts.keys())
        if (other !== name) for (const family of ["-4", "-6"]) await host.run("ping", ping(other, family));
  },

  async "all hosts of a tree of switches reach each other, and what is too large for a link between does not pass"() {
    await using net = lab();
    const [core, left, right] = [net.switch("core"), net.switch("left"), net.switch("right")];
    net.link(core, left).link(right, core, { mtu: 1400 });
    for (const [i, place] of [left, left, right, core].entries())
      net.link(net.host(`h${i}`), place, { addresses: { [`h${i}`]: [`10.0.0.${i + 1}/24`, `fd00::${i + 1}/64`] } });
    await net.up();
    for (const [name, host] of net.hosts)
      for (const other of net.hosts.keys())
        if (other !== name) for (const family of ["-4", "-6"]) await host.run("ping", ping(other, family));
    const across = (to: string, size: number) => net.hosts.get("h0")?.outcome("ping", ping(to, "-4", "-W1", "-s", `${size}`));
    assert.equal((await across("h2", 1372))?.exitCode, 0);
    assert.equal((await across("h2", 1373))?.exitCode, 1);
    assert.equal((await across("h3", 1472))?.exitCode, 0);
  },

  async "packets over the MTU do not pass"() {
    await using net = pairOfHosts({ mtu: 1400 });
    await net.up();
    const a = net.host2("a");
    await a.run("ping", ping("10.0.0.2", "-M", "do", "-s", "1372"));
    const large = await a.outcome("ping", ping("10.0.0.2", "-M", "do", "-s", "1373"));
    assert.match(large.stdout + large.stderr, /message too long/i);
  },

  async "routes can refuse"() {
    await using net = pairOfHosts();
    net.hosts.get("a")?.route("10.7.0.0/16", { type: "unreachable" }).route("10.8.0.0/16", { type: "prohibit" });
    await net.up();
    const said = async (to: string) => {
      const { exitCode, stderr, stdout } = await net.host2("a").outcome("ping", ping(to));
      assert.notEqual(exitCode, 0);
      return stdout + stderr;
    };
    assert.match(await said("10.7.0.1"), /No route to host|unreachable/i);
    assert.match(await said("10.8.0.1"), /Permission denied|prohibited|firewall rules/i);
  },

  async "a host has its own name, loopback, resolver and interfaces"() {
    await using net = pairOfHosts();
    const [a] = [net.hosts.get("a")];
    net.topology.hosts.a = { ...net.topology.hosts.a, nameservers: ["10.0.0.2"] };
    await net.up();
    const say = async (...words: [string, ...string[]]) => (await a?.run(words[0], words.slice(1)))?.stdout.trim();
    assert.equal(await say("hostname"), "a");
    assert.equal(await say("cat", "/etc/hostname"), "a");
    assert.equal(await say("cat", "/etc/resolv.conf"), "nameserver 10.0.0.2");
    assert.equal(await say("sh", "-c", "cd /sys/class/net && echo *"), "eth0 lo");
    await a?.run("ping", ping("127.0.0.1"));
    await a?.run("ping", ping("::1"));
  },

  async "a firewall is what nft makes on a host"() {
    await using net = routed();
    await net.up();
    await net.host2("client").run("ping", ping("10.0.2.2"));
    const rules = "add table inet f; add chain inet f c { type filter hook forward priority 0; policy drop; }";
    await net.host2("router").run("nft", [rules]);
    assert.notEqual((await net.host2("client").outcome("ping", ["-n", "-c1", "-W1", "10.0.2.2"])).exitCode, 0);
    await net.host2("client").run("ping", ping("10.0.1.1"));
  },

  async "ip6tables refuses on a router what IPv4 still passes"() {
    await using net = routed();
    await net.up();
    const client = net.host2("client");
    await client.run("ping", ping("fd02::2"));
    await net.host2("router").run("ip6tables", ["-A", "FORWARD", "-j", "REJECT"]);
    const refused = await client.outcome("ping", ping("fd02::2"));
    assert.match(refused.stdout, /From fd01::1 .*unreachable/);
    await client.run("ping", ping("10.0.2.2"));
  },

  async "a route may lead to a link-local address, which a router has on each of its links"() {
    await using net = lab();
    const [client, router, server] = [net.host("client"), net.host("router", { forward: true }), net.host("server")];
    net.link(client, router, { addresses: { client: "fd01::2/64", router: "fe80::1/64" } });
    net.link(server, router, { addresses: { server: "fd02::2/64", router: ["fe80::1/64", "fd02::1/64"] } });
    client.route("default", { via: "fe80::1", on: "eth0" });
    server.route("default", { via: "fe80::1", on: "eth0" });
    router.route("fd01::/64", { on: "eth0" });
    await net.up();
    assert.match((await client.run("ping", ping("server"))).stdout, /ttl=63/);
    assert.doesNotMatch((await client.run("cat", ["/etc/hosts"])).stdout, /fe80/);
  },

  async "two labs at once may use the same names and addresses"() {
    await using one = pairOfHosts();
    await using other = pairOfHosts();
    await Promise.all([one.up(), other.up()]);
    await one.host2("a").run("ip", ["link", "set", "eth0", "address", "02:00:00:00:00:01"]);
    assert.doesNotMatch((await other.host2("a").run("ip", ["link"])).stdout, /02:00:00:00:00:01/);
    for (const net of [one, other]) await net.host2("a").run("ping", ping("b"));
  },

  async "processes see those of their own lab alone"() {
    await using net = pairOfHosts();
    await net.up();
    const { stdout } = await net.host2("a").run("ps", ["-e", "-o", "args="]);
    assert.deepEqual(
      stdout
        .trim()
        .split("\n")
        .map((line) => line.trim()),
      ["qpod-lab", "qpod-host a", "qpod-host b", "ps -e -o args="],
    );
  },

  async "exit statuses and signals are the command's own"() {
    await using net = pairOfHosts();
    await net.up();
    const a = net.host2("a");
    assert.equal((await a.outcome("sh", ["-c", "exit 7"])).exitCode, 7);
    assert.equal((await a.outcome("sh", ["-c", "kill -TERM $$"])).signal, "SIGTERM");
    assert.equal((await a.outcome("no-such-program")).exitCode, 127);
  },

  async "a lab ends all that runs in it when its time is over"() {
    const net = lab({ hosts: { a: {} } }, { timeout: 1500 });
    await net.up();
    const began = performance.now();
    const [one] = await Promise.all([net.hosts.get("a")?.outcome("sh", ["-c", "setsid sleep 1000 & trap '' TERM; sleep 1000"])]);
    assert.ok(performance.now() - began < 10_000);
    assert.equal(one?.signal, "SIGKILL");
    await assert.rejects(
      async () => net.hosts.get("a")?.run("true"),
      (error) => error instanceof LabError && error.code === "timeout",
    );
  },

  async "after down nothing can be run, and down may be called again"() {
    const net = pairOfHosts();
    await net.up();
    await net.down();
    await net.down();
    await assert.rejects(net.host2("a").run("true"), /the lab is down/);
    await assert.rejects(net.up(), /the lab is down/);
  },

  async "nothing can be declared once it is up, nor run before"() {
    await using net = pairOfHosts();
    await assert.rejects(net.host2("a").run("true"), /not up yet/);
    await net.up();
    assert.throws(() => net.host("c"), /up already/);
  },

  async "a lab holds for ever"() {
    const net = pairOfHosts();
    await net.up();
    await net.host2("a").run("sh", ["-c", "(sleep 1000 & sleep 1000 &) > /dev/null 2>&1"]);
    process.stdout.write("up\n");
    await net.host2("b").outcome("sleep", ["1000"]);
  },

  async "a forgotten lab keeps nobody from ending"() {
    await pairOfHosts().up();
  },

  async "a lab cannot be made"() {
    const net = pairOfHosts();
    await assert.rejects(
      net.up(),
      (error) => error instanceof LabError && error.code === "not-permitted" && process.stdout.write(error.message),
    );
  },
};
