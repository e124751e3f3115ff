import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { runtimeLayout } from "../../../src/launch/layout.ts";
import { bash } from "../../../src/session/bash.ts";
import { dash } from "../../../src/session/dash.ts";
import { fish } from "../../../src/session/fish.ts";
import type { Shell, Surroundings } from "../../../src/session/shell.ts";
import { zsh } from "../../../src/session/zsh.ts";

const home = mkdtempSync(join(tmpdir(), "qpod-session-"));
// As odd as a runtime folder's name may be.
const layout = runtimeLayout(join(home, "it's[a]*run"));
const around: Surroundings = { layout, folder: join(home, "files"), home, env: {} };
const SHIMS = layout.shims;

afterAll(() => rmSync(home, { recursive: true }));

/** The PATH that a shell's programs have after its start-up files. Everything of a prompt is left out. */
function pathAfter(name: string, make: (around: Surroundings) => Shell, path: string): string {
  const { files, args, variables } = make(around);
  for (const [file, text] of files) {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
  const env = { HOME: home, PATH: path, TERM: "dumb", ...variables };
  const result = spawnSync(findShell(name), [...args, "-i", "-c", "/usr/bin/env"], { env, encoding: "utf8" });
  return /^PATH=(.*)$/m.exec(result.stdout)?.[1] ?? result.stderr;
}

function findShell(name: string): string {
  return spawnSync("sh", ["-c", `command -v ${name}`], { encoding: "utf8" }).stdout.trim();
}

const shells = Object.entries({ bash, dash, zsh, fish }).filter(([name]) => findShell(name));

describe.each(shells)("%s puts the folder of shims last", (name, make) => {
  test.each([
    ["/usr/bin:/bin", `/usr/bin:/bin:${SHIMS}`],
    [`/usr/bin:/bin:${SHIMS}`, `/usr/bin:/bin:${SHIMS}`],
    [`${SHIMS}:/usr/bin:/bin`, `/usr/bin:/bin:${SHIMS}`],
    [`/usr/bin:${SHIMS}:/bin:${SHIMS}:/opt`, `/usr/bin:/bin:/opt:${SHIMS}`],
    [`${SHIMS}:${SHIMS}:/usr/bin`, `/usr/bin:${SHIMS}`],
    [`/usr/bin:${SHIMS}-not`, `/usr/bin:${SHIMS}-not:${SHIMS}`],
    ["/opt/a b:/usr/bin", `/opt/a b:/usr/bin:${SHIMS}`],
  ])("of %s", (path, expected) => {
    expect(pathAfter(name, make, path)).toBe(expected);
  });
});
