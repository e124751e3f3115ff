import { expect, test } from "vitest";
import { listShapedEnds, shapeWords } from "../../../src/lab/shape.ts";
import type { Topology } from "../../../src/lab/topology.ts";

test.each([
  [{ delay: 10 }, "netem delay 10ms"],
  [{ delay: 10, jitter: 2.5 }, "netem delay 10ms 2.5ms"],
  [{ loss: 1.5 }, "netem delay 0ms loss 1.5%"],
  [{ rate: "512kbit" }, "netem delay 0ms rate 512kbit"],
  [{ delay: 1, loss: 2, rate: "1mbit" }, "netem delay 1ms loss 2% rate 1mbit"],
])("%j is told to tc as %s", (link, words) => expect(shapeWords(link).join(" ")).toBe(words));

test("both ends of a link are shaped, in a host and at a switch", () => {
  const topology = {
    hosts: { a: {}, b: {} },
    switches: { left: {}, right: {} },
    links: [
      { between: ["left", "a"], delay: 1 },
      { between: ["a", "b"] },
      { between: ["b", "a"], interfaces: { b: "up" }, delay: 2 },
      { between: ["left", "right"], delay: 3 },
    ] as Topology["links"],
  };
  expect(listShapedEnds(topology).map(({ host, device, words }) => [host, device, words.at(-1)])).toEqual([
    ["", "p0", "1ms"],
    ["a", "eth0", "1ms"],
    ["b", "up", "2ms"],
    ["a", "eth2", "2ms"],
    ["", "p3", "3ms"],
    ["", "q3", "3ms"],
  ]);
});
