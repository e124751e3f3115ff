import { describe, expect, test } from "vitest";
import { formatError, type QpodError } from "../../../src/base/errors.ts";
import { drawSvg } from "../../../src/lab/draw-svg.ts";
import { drawText } from "../../../src/lab/draw-text.ts";
import type { Topology } from "../../../src/lab/topology.ts";
import { parseTopology, readTopology } from "../../../src/lab/topology-file.ts";

const refusal = async (text: string) =>
  formatError(
    await parseTopology(text, "net.yaml").then(
      () => Promise.reject(new Error("it was taken")),
      (error: QpodError) => error,
    ),
  );

describe("a lab's file", () => {
  test("says what the library is told", async () => {
    const text = `
hosts:
  a: {forward: true, routes: [{to: default, via: 10.0.0.2, metric: 5}], root: {folder: ./tree}, nameservers: [10.0.0.2]}
  b:
switches: {lan: {mtu: 9000}}
links:
  - between: [a, b]
    addresses: {a: 10.0.0.1/24, b: [10.0.0.2/24, "fd00::2/64"]}
    delay: 1.5s
    jitter: 500us
    loss: 2.5%
    rate: 10mbit
`;
    expect(await parseTopology(text, "/labs/net.yaml")).toEqual({
      hosts: {
        a: {
          forward: true,
          routes: [{ to: "default", via: "10.0.0.2", metric: 5 }],
          root: { folder: "/labs/tree" },
          nameservers: ["10.0.0.2"],
        },
        b: {},
      },
      switches: { lan: { mtu: 9000 } },
      links: [
        {
          between: ["a", "b"],
          addresses: { a: "10.0.0.1/24", b: ["10.0.0.2/24", "fd00::2/64"] },
          delay: 1500,
          jitter: 0.5,
          loss: 2.5,
          rate: "10mbit",
        },
      ],
    });
  });

  test.each([
    ["hosts:\n  a:\n    foward: true\n", 'qpod: net.yaml:3:5: "foward" is not known in "a"\n  Did you mean "forward"?'],
    [
      "hosts:\n  a_b:\n",
      'qpod: net.yaml:2:3: "a_b" cannot be a name\n  Letters, digits and hyphens, at most 63, and no hyphen at either end.',
    ],
    [
      "hosts: {client: , server: }\nlinks:\n  - between: [client, sever]\n",
      'qpod: net.yaml:3:23: there is no host or switch "sever"\n  Did you mean "server"?',
    ],
    [
      "hosts: {a: , b: }\nlinks:\n  - between: [a, b]\n    addresses: {a: 10.0.0.1}\n",
      'qpod: net.yaml:4:20: "10.0.0.1" is no address with a prefix\n  Write how long the network\'s part is: "10.0.0.1/24".',
    ],
    [
      "hosts: {a: , b: }\nlinks:\n  - between: [a, b]\n    mtu: 9\n",
      "qpod: net.yaml:4:10: the MTU cannot be 9\n  68 to 65535 bytes; IPv6 needs 1280.",
    ],
    ["hosts: {a: , b: }\nlinks:\n  - between: [a, b]\n    delay: soon\n", 'qpod: net.yaml:4:12: "soon" is no time\n  As 10ms.'],
    [
      "hosts: {}\nswitches: {a: , b: }\nlinks:\n  - between: [a, b]\n  - between: [b, a]\n",
      "qpod: net.yaml:5:14: this link closes a circle of switches: b - a - b\n  Leave out one link of it: the switches have no spanning tree.",
    ],
    ["hosts: {a: }\nlinks: [{between: [a]}]\n", "qpod: net.yaml:2:19: a link has two ends, not 1\n  As [client, server]."],
    ["hosts: {a: , b: }\nlinks: [{between: a}]\n", 'qpod: net.yaml:2:19: "between" must be a list, not text\n  Write [a].'],
    ["hosts: {a: {root: sys}}\n", 'qpod: net.yaml:1:19: "sys" is no root\n  As "system", {environment: NAME} or {folder: PATH}.'],
    ["hosts: {a: {root: {}}}\n", "qpod: net.yaml:1:19: a root is an environment or a folder\n  Give one of them."],
    ["", "qpod: net.yaml:1:1: the file is empty\n  docs/lab.md says what belongs here."],
    ["switches: {}\n", 'qpod: net.yaml:1:1: "hosts" is missing'],
  ])("%j is refused, with its place", async (text, message) => expect(await refusal(text)).toBe(message));

  test("all mistakes are told at once", async () => {
    const message = await refusal("hosts: {a: , b: }\nlinks:\n  - between: [a, c]\n    mtu: 1\n  - between: [a, a]\n");
    expect(message).toMatch(/net\.yaml:3:.*no host or switch "c"\n(.*\n)*.*net\.yaml:4:.*MTU(.*\n)*.*net\.yaml:5:.*itself/);
  });
});

describe("the drawing of the example", async () => {
  const topology = await readTopology("examples/lab/office.yaml");

  test("shows in a terminal what is connected to what", () =>
    expect(drawText(topology)).toBe(`[lan]
├─ eth0 10.0.1.11/24 fd01::11/64 ── alice
├─ eth0 10.0.1.12/24 ── bob
└─ eth0 10.0.1.1/24 fd01::1/64 ── router (forwards)
   └─ eth1 10.0.2.1/24 fd02::1/64 ── mtu 1400 ── eth0 10.0.2.2/24 fd02::2/64 ── server
`));

  test("closes a circle with a line to what was drawn", () => {
    const ring = {
      hosts: { a: {}, b: {}, c: {} },
      switches: {},
      links: [
        ["a", "b"],
        ["b", "c"],
        ["c", "a"],
      ].map((between) => ({ between: between as [string, string] })),
    };
    expect(drawText(ring)).toBe("a\n├─ eth0 ── eth0 ── b\n│  └─ eth1 ── eth0 ── c (above)\n└─ eth1 ── eth1 ── c\n");
  });

  test("shows switches that are joined", () => {
    const tree: Topology = {
      hosts: { a: {}, b: {} },
      switches: { left: {}, right: {} },
      links: [{ between: ["left", "right"], mtu: 1400 }, { between: ["a", "left"] }, { between: ["right", "b"] }],
    };
    expect(drawText(tree)).toBe("[left]\n├─ mtu 1400 ── [right]\n│  └─ eth0 ── b\n└─ eth0 ── a\n");
    expect(drawSvg(tree).match(/<line |<rect x=/g)).toHaveLength(3 + 4);
  });

  test("has each part once and within its frame as SVG", () => {
    const svg = drawSvg(topology);
    const [, width, height] = /width="([\d.]+)" height="([\d.]+)"/.exec(svg) ?? [];
    for (const name of ["lan", "alice", "bob", "router (forwards)", "server"]) expect(svg.split(`>${name}</text>`)).toHaveLength(2);
    expect(svg.match(/<line /g)).toHaveLength(4);
    for (const [, x, y] of svg.matchAll(/<text x="([\d.-]+)" y="([\d.-]+)"/g)) {
      expect(Number(x)).toBeGreaterThan(0);
      expect(Number(x)).toBeLessThan(Number(width));
      expect(Number(y)).toBeGreaterThan(10);
      expect(Number(y)).toBeLessThan(Number(height));
    }
  });
});
