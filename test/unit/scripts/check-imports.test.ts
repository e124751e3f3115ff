import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, expect, test } from "vitest";

const made: string[] = [];
afterEach(() => {
  for (const folder of made.splice(0)) rmSync(folder, { recursive: true });
});

function check(files: Record<string, string>) {
  const folder = mkdtempSync(join(tmpdir(), "qpod-imports-"));
  made.push(folder);
  for (const [path, text] of Object.entries({ "native/launcher/a.c": '#include "../format/policy.h"\n', ...files })) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  return spawnSync(process.execPath, ["scripts/check-imports.mjs", join(folder, "src"), join(folder, "native")], { encoding: "utf8" });
}

const fine = { "src/cli/cmd-x.ts": 'import { a } from "../base/a.ts";\n', "src/base/a.ts": "export const a = 1;\n" };

test("imports that go downwards pass, and are counted", () => {
  const result = check(fine);
  expect(result).toMatchObject({
    status: 0,
    stdout: "imports: 2 TypeScript files with 1 imports, 1 C files with 1 includes, 0 violations\n",
  });
});

test.each([
  ["upwards", { "src/base/b.ts": 'import type { X } from "../cli/cmd-x.ts";\n' }, "base must not import cli"],
  ["upwards, lazily", { "src/repo/b.ts": 'await import("../engine/x.ts");\n' }, "repo must not import engine"],
  ["from one engine to another", { "src/engine/podman-a.ts": 'import "./embedded.ts";\n' }, "engines must not import each other"],
  [
    "of child_process outside of src/process",
    { "src/image/b.ts": 'import { spawn } from "node:child_process";\n' },
    "programs are started by src/process",
  ],
  [
    "of child_process, of a type only, where programs are traced",
    { "src/debug/b.ts": 'import type { ChildProcess } from "node:child_process";\n' },
    "programs are started by src/process",
  ],
  [
    "in a circle, of types only",
    { "src/repo/b.ts": 'import type { C } from "./c.ts";\n', "src/repo/c.ts": 'import { b } from "./b.ts";\n' },
    "a circle of imports: repo/b.ts -> repo/c.ts -> repo/b.ts",
  ],
  ["from a room nobody knows", { "src/attic/b.ts": 'import { a } from "../base/a.ts";\n' }, "has no level"],
  ["from the library to the launcher", { "native/preload/b.c": '#include "../launcher/enter.h"\n' }, "preload must not include launcher"],
  [
    "from the ground of the launcher to its road",
    { "native/launcher/base/b.c": '#include "../road/road.h"\n' },
    "launcher/base must not include launcher/road",
  ],
])("an import %s fails", (_what, files, problem) => {
  const result = check({ ...fine, ...files });
  expect(result.status).toBe(1);
  expect(result.stderr).toContain(problem);
});

test("a check that sees nothing fails", () => {
  expect(check({ "src/base/a.ts": "export const a = 1;\n", "native/launcher/a.c": "\n" }).status).toBe(1);
});
