import { describe, expect, it } from "vitest";
import { atLeast, atMost, microseconds, milliseconds, times } from "../../../bench/support/result.ts";
import { formatLines } from "../../../bench/support/table.ts";

describe("the budget table", () => {
  it("says what is within its budget and what is over", () => {
    expect(atMost("a", 20e3, 20e3, microseconds).verdict).toBe("within");
    expect(atMost("a", 20e3, 20.1e3, microseconds).verdict).toBe("over");
    expect(atLeast("a", 100, 99, times).verdict).toBe("over");
  });

  it("shows times in the unit of their budget", () => {
    expect(atMost("a", 250e3, 121_400, milliseconds, "+")).toMatchObject({ budget: "at most 0.250 ms", measured: "+0.121 ms" });
    expect(atMost("a", 1.5, 1.234, times)).toMatchObject({ budget: "at most 1.50x", measured: "1.23x" });
  });

  it("puts columns below each other and nothing at the ends of lines", () => {
    const text = formatLines([
      { what: "exec", budget: "at most 20.0 us", measured: "+9.0 us", verdict: "within" },
      { what: "podman", budget: "", measured: "podman is not installed", verdict: "skipped" },
    ]);
    expect(text).toMatchInlineSnapshot(`
      "what    budget           measured                 verdict
      ------  ---------------  -----------------------  -------
      exec    at most 20.0 us  +9.0 us                  within
      podman                   podman is not installed  skipped"
    `);
  });
});
