import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parseTopology } from "../../src/lab/topology-file.ts";
import { findPeople } from "../support/person.ts";
import { LabRunner } from "./lab-runner.ts";

const page = readFileSync("docs/lab.md", "utf8");
/** All of a language, one after the other. */
const example = (language: string) =>
  [...page.matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\`$`, "gm"))].map(([, text]) => text).join("");

describe("the examples of docs/lab.md", () => {
  let runner: LabRunner;
  const entry = join(import.meta.dirname, "..", "tmp", `lab-example-${process.pid}.ts`);

  beforeAll(async () => {
    mkdirSync(join(entry, ".."), { recursive: true });
    writeFileSync(
      entry,
      example("ts").replace('"qpod/lab"', JSON.stringify(join(import.meta.dirname, "..", "..", "src", "lab", "index.ts"))),
    );
    runner = await LabRunner.make(entry);
  });
  afterAll(() => {
    runner.remove();
    rmSync(entry);
  });

  test.each(findPeople())("the test runs, as $name", (person) => expect(runner.run(person, "")).toBe(""));

  test("the file is a topology", async () => {
    expect(Object.keys((await parseTopology(example("yaml"), "docs/lab.md")).hosts)).toEqual(["alice", "router", "server"]);
  });
});
