import { spawnSync } from "node:child_process";

/** Something else that makes networks of hosts. */
export interface Peer {
  name: string;
  /** Our time in its time at most, or how many times faster we are at least. */
  budget: number;
  isLimit: boolean;
  /** The most hosts that it is asked for. */
  most: number;
  /** Milliseconds to make that many hosts, linked in pairs, and to remove them; undefined when it cannot. */
  measure(size: number): number | undefined;
}

const name = (i: number) => `qpod-bench-${process.pid}-${i}`;
const indices = (size: number) => Array.from({ length: size }, (_, i) => i);
const setUp = (i: number) => ["link set lo up", "link set eth0 up", `addr add 10.0.0.${(i % 2) + 1}/24 dev eth0`];
const pair = (i: number) => `link add eth0 netns ${name(i)} type veth peer name eth0 netns ${name(i + 1)}`;

function time(action: () => boolean): number | undefined {
  const began = performance.now();
  return action() ? performance.now() - began : undefined;
}

function ip(words: string, input?: string): boolean {
  return spawnSync("ip", words.split(" "), { input, stdio: [input === undefined ? "ignore" : "pipe", "ignore", "ignore"] }).status === 0;
}

function oneByOne(size: number): boolean {
  const hosts = indices(size);
  const all = [
    ...hosts.map((i) => ip(`netns add ${name(i)}`)),
    ...hosts.filter((i) => i % 2 === 0).map((i) => ip(pair(i))),
    ...hosts.flatMap((i) => setUp(i).map((line) => ip(`-n ${name(i)} ${line}`))),
    ...hosts.map((i) => ip(`netns del ${name(i)}`)),
  ];
  return all.every(Boolean);
}

function batch(size: number): boolean {
  const hosts = indices(size);
  const lines = [...hosts.map((i) => `netns add ${name(i)}`), ...hosts.filter((i) => i % 2 === 0).map(pair)];
  const all = [
    ip("-batch -", `${lines.join("\n")}\n`),
    ...hosts.map((i) => ip(`-n ${name(i)} -batch -`, `${setUp(i).join("\n")}\n`)),
    ip("-batch -", hosts.map((i) => `netns del ${name(i)}\n`).join("")),
  ];
  return all.every(Boolean);
}

/** The time that Python takes to start is not counted. */
function python(script: string, size: number): number | undefined {
  const text = `import sys, time\nsize = int(sys.argv[1])\n${script}`;
  const { status, stdout } = spawnSync("/usr/bin/python3", ["-c", text, String(size)], { encoding: "utf8" });
  return status === 0 ? Number(stdout.trim().split("\n").at(-1)) * 1000 : undefined;
}

const mininet = `
from mininet.net import Mininet
from mininet.node import Host
began = time.time()
net = Mininet(controller=None, host=Host)
hosts = [net.addHost("h%d" % i, ip="10.0.0.%d/24" % (i % 2 + 1)) for i in range(size)]
for i in range(0, size, 2):
    net.addLink(hosts[i], hosts[i + 1])
net.start()
net.stop()
print(time.time() - began)`;

const pyroute2 = `
import os
from pyroute2 import IPRoute, NetNS, netns
name = lambda i: "qpod-bench-py-%d-%d" % (os.getpid(), i)
began = time.time()
spaces = [NetNS(name(i)) for i in range(size)]
with IPRoute() as ipr:
    for i in range(0, size, 2):
        ipr.link("add", ifname="eth0", kind="veth", net_ns_fd=name(i), peer={"ifname": "eth0", "net_ns_fd": name(i + 1)})
for i, space in enumerate(spaces):
    space.link("set", index=1, state="up")
    index = space.link_lookup(ifname="eth0")[0]
    space.link("set", index=index, state="up")
    space.addr("add", index=index, address="10.0.0.%d" % (i % 2 + 1), prefixlen=24)
for i, space in enumerate(spaces):
    space.close()
    netns.remove(name(i))
print(time.time() - began)`;

export const peers: readonly Peer[] = [
  { name: "ip, one command at a time", budget: 1, isLimit: true, most: 500, measure: (size) => time(() => oneByOne(size)) },
  { name: "ip -batch", budget: 1, isLimit: true, most: 500, measure: (size) => time(() => batch(size)) },
  { name: "pyroute2", budget: 1, isLimit: true, most: 100, measure: (size) => python(pyroute2, size) },
  { name: "mininet", budget: 5, isLimit: false, most: 100, measure: (size) => python(mininet, size) },
];
