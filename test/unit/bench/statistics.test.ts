import { describe, expect, it } from "vitest";
import { medianDifference, medianRatio, quantile, quietDifference, summarize } from "../../../bench/support/statistics.ts";

describe("statistics of a bench", () => {
  it("takes the middle of an odd and of an even number of turns", () => {
    expect(quantile([3, 1, 2], 0.5)).toBe(2);
    expect(quantile([4, 1, 2, 3], 0.5)).toBe(2.5);
  });

  it("is not moved by one turn that was disturbed", () => {
    const { median, quiet, min, max } = summarize([10, 11, 12, 13, 9000]);
    expect({ median, quiet, min, max }).toEqual({ median: 12, quiet: 10.4, min: 10, max: 9000 });
  });

  it("compares turns of the same round, so that a drift of the machine cancels", () => {
    expect(medianDifference([110, 220, 330], [100, 210, 320])).toBe(10);
    expect(medianRatio([20, 40, 60], [10, 20, 30])).toBe(2);
  });

  it("compares what each costs when nothing else is done", () => {
    expect(quietDifference([5, 5, 5, 99], [2, 2, 2, 2])).toBe(3);
  });

  it("refuses turns that cannot be paired, and none at all", () => {
    expect(() => medianRatio([1], [1, 2])).toThrow(RangeError);
    expect(() => summarize([])).toThrow(RangeError);
  });
});
