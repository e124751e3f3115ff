import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { findPeople } from "../support/person.ts";
import { testRootfs } from "../support/rootfs.ts";
import { commandCases } from "./command-cases.ts";
import { LabRunner } from "./lab-runner.ts";
import { networkCases } from "./network-cases.ts";
import { rootCases } from "./root-cases.ts";
import { traceCases } from "./trace-cases.ts";

const apart = new Set(["a lab holds for ever", "a lab cannot be made", "mounts pass as they should"]);
const names = Object.keys({ ...commandCases, ...networkCases, ...rootCases, ...traceCases }).filter((name) => !apart.has(name));

describe.each(findPeople())("as $name", (person) => {
  let runner: LabRunner;
  let rootfs: string;

  beforeAll(async () => {
    runner = await LabRunner.make("cases.ts");
    rootfs = await testRootfs();
  });
  afterAll(() => runner.remove());

  test.each(names)("%s", (name) => {
    expect(runner.run(person, name, rootfs, join(runner.installation.folder, "dist/native/qpod-launch"))).toBe("");
  });
});
