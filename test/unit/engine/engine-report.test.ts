import { describe, expect, it } from "vitest";
import type { EngineName } from "../../../src/config/environment.ts";
import type { Assessment, Engine } from "../../../src/engine/engine.ts";
import { probeEngines } from "../../../src/engine/engine-report.ts";

const engine = (name: EngineName, assessment: Assessment) => ({ name, assess: () => Promise.resolve(assessment) }) as unknown as Engine;
const embedded = engine("embedded", { able: false, reason: "no overlay", remedy: "Run Linux 5.11." });
const podman = engine("podman", { able: true, reason: "podman 4.3.1 rootless" });
const docker = engine("docker", { able: false, reason: "docker is not installed" });

describe("probeEngines", () => {
  it("says which can serve, and why the others cannot, but for docker", async () => {
    expect(await probeEngines([embedded, podman, docker])).toEqual({
      name: "engines",
      state: "ok",
      fact: "podman (podman 4.3.1 rootless); not embedded: no overlay",
    });
  });

  it("calls it a problem when none can", async () => {
    expect(await probeEngines([embedded, docker])).toEqual({
      name: "engines",
      state: "problem",
      fact: "none works here: embedded: no overlay",
      remedy: "Run Linux 5.11.",
    });
  });
});
