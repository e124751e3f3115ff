import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { rootKeys } from "../../../src/config/convert.ts";
import { engineNames, shares } from "../../../src/config/environment.ts";
import { makeJsonSchemas } from "../../../src/config/json-schema.ts";
import { parseEnvironment } from "../../../src/config/read.ts";
import { parseRepositoryFile } from "../../../src/config/repository-file.ts";

const text = readFileSync(join(dirname(fileURLToPath(import.meta.url)), "../../../docs/environments.md"), "utf8");
const blocks = [...text.matchAll(/^```yaml *(\w*)\n(.*?)^```/gms)].map(([, kind, yaml]) => ({ kind, yaml: yaml ?? "" }));

test("the examples of the reference are right", async () => {
  for (const { kind, yaml } of blocks) {
    if (kind === "repository") await parseRepositoryFile(yaml, "/r/.qpod.yaml");
    else if (kind === "") await parseEnvironment(yaml, "/e/a.yaml", "a");
  }
  expect(blocks.length).toBeGreaterThan(5);
});

test("the reference names everything there is", async () => {
  const keys = Object.keys((await makeJsonSchemas()).environment.properties as object);
  expect(keys).toEqual(expect.arrayContaining([...rootKeys]));
  expect([...keys, ...shares, ...engineNames].filter((word) => !text.includes(word))).toEqual([]);
});
