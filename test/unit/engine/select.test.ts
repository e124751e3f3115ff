import { describe, expect, it } from "vitest";
import type { EngineName, Root } from "../../../src/config/environment.ts";
import type { Assessment, Engine } from "../../../src/engine/engine.ts";
import { chooseEngine } from "../../../src/engine/select.ts";
import { anEnvironment } from "../../support/an-environment.ts";

const able: Assessment = { able: true, reason: "it works" };

function engines(assessments: Partial<Record<EngineName, Assessment>>): Engine[] {
  return Object.entries(assessments).map(([name, assessment]) => ({ name, assess: async () => assessment }) as unknown as Engine);
}

const roots: [Root, EngineName][] = [
  [{ kind: "rootfs", folder: "/r" }, "embedded"],
  [{ kind: "bootstrap", distribution: "debian", release: "bullseye", packages: [], components: [] }, "embedded"],
  [{ kind: "host" }, "embedded"],
  [{ kind: "archive", file: "/a.tar" }, "embedded"],
  [{ kind: "image", reference: "r.example.com/x" }, "podman"],
  [{ kind: "containerfile", file: "/c", context: "/" }, "podman"],
];

describe("chooseEngine", () => {
  it.each(roots)("takes for %o first %s", async (root, expected) => {
    const choice = await chooseEngine(anEnvironment({ root }), engines({ podman: able, embedded: able }));
    expect(choice.engine.name).toBe(expected);
    expect(choice.rejected).toEqual([]);
    expect(choice.why).toMatch(/; it works$/);
  });

  it("takes the embedded one for an image when podman is missing, and says why", async () => {
    const missing = { able: false, reason: "podman is not installed", remedy: "Install the package podman." };
    const choice = await chooseEngine(anEnvironment(), engines({ podman: missing, embedded: able }));
    expect(choice.engine.name).toBe("embedded");
    expect(choice.why).toBe("podman: podman is not installed; it works");
    expect(choice.rejected).toEqual([{ name: "podman", reason: "podman is not installed", remedy: "Install the package podman." }]);
  });

  it("obeys the definition", async () => {
    const choice = await chooseEngine(anEnvironment({ engine: "embedded" }), engines({ podman: able, embedded: able }));
    expect(choice.engine.name).toBe("embedded");
    expect(choice.why).toBe('the environment says "engine: embedded"');
  });

  it("never takes another one than the definition names", async () => {
    const missing = { able: false, reason: "no user namespaces", remedy: "Allow them." };
    const asked = chooseEngine(anEnvironment({ engine: "embedded" }), engines({ podman: able, embedded: missing }));
    await expect(asked).rejects.toMatchObject({
      fact: "environment old asks for embedded, which cannot serve it: no user namespaces",
      place: { line: 1 },
      remedy: "Allow them.",
    });
  });

  it("says all the reasons when none is able", async () => {
    const asked = chooseEngine(
      anEnvironment(),
      engines({
        podman: { able: false, reason: "not installed" },
        embedded: { able: false, reason: "no overlay", remedy: "Newer Linux." },
      }),
    );
    await expect(asked).rejects.toMatchObject({
      fact: "no engine here can serve environment old: podman: not installed; embedded: no overlay",
      remedy: "Newer Linux.",
      status: 125,
    });
  });
});
