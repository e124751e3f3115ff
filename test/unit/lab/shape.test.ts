import { expect, test } from "vitest";
import { shapeWords } from "../../../src/lab/shape.ts";

test.each([
  [{ delay: 10 }, "netem delay 10ms"],
  [{ delay: 10, jitter: 2.5 }, "netem delay 10ms 2.5ms"],
  [{ loss: 1.5 }, "netem delay 0ms loss 1.5%"],
  [{ rate: "512kbit" }, "netem delay 0ms rate 512kbit"],
  [{ delay: 1, loss: 2, rate: "1mbit" }, "netem delay 1ms loss 2% rate 1mbit"],
])("%j is told to tc as %s", (link, words) => expect(shapeWords(link).join(" ")).toBe(words));
