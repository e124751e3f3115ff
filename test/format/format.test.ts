import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { encodeOperations } from "../../src/launch/operations.ts";
import { decodeStatus } from "../../src/launch/status.ts";
import { encodePolicy } from "../../src/policy/encode.ts";
import { operations, policy } from "./samples.ts";
import { showOperations, showPolicy } from "./text.ts";

const sources = ["policy", "decide", "glob", "names", "operation", "status"].map((name) => `native/format/${name}.c`);
const golden = (name: string) => resolve("test/format/golden", name);
let folder: string;
let show: (...args: string[]) => { status: number | null; stdout: string };

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "qpod-format-"));
  const program = join(folder, "show");
  execFileSync("cc", ["-g", "-fsanitize=address,undefined", "-o", program, "test/format/show.c", ...sources]);
  show = (...args) => spawnSync(program, args, { encoding: "utf8", env: { PATH: process.env.PATH } });
}, 60_000);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** QPOD_GOLDEN=write makes the files anew, after a change of a format's version. */
function checkGolden(name: string, bytes: Buffer) {
  if (process.env.QPOD_GOLDEN === "write") writeFileSync(golden(name), bytes);
  expect(bytes.equals(readFileSync(golden(name))), `${name} has other bytes than it had`).toBe(true);
}

describe("the formats between TypeScript and C", () => {
  it("keep their bytes, and both sides read the same policy out of them", () => {
    checkGolden("policy", encodePolicy(policy));
    expect(show(golden("policy")).stdout).toBe(showPolicy(readFileSync(golden("policy"))));
  });

  it("keep their bytes, and both sides read the same operations out of them", () => {
    checkGolden("operations", encodeOperations(operations));
    expect(show(golden("operations")).stdout).toBe(showOperations(readFileSync(golden("operations"))));
  });

  it("keep the bytes of status records, which C writes and TypeScript reads", () => {
    const file = join(folder, "status");
    expect(show("--write-status", file).status).toBe(0);
    checkGolden("status", readFileSync(file));
    expect(decodeStatus(readFileSync(golden("status"))).records).toEqual([
      { kind: "failed", errno: 2, operation: "mount", argument: "/proc", explanation: 'not "permitted" here\n' },
      { kind: "started", pid: 4711, pod: "pod-1", startTime: 98765432109876543n },
      { kind: "fact", number: -1n, key: "rule", value: "" },
      { kind: "note", text: "x".repeat(16383) },
      { kind: "note", text: "" },
    ]);
    expect(show(golden("status")).stdout.split("\n").slice(0, 3)).toEqual([
      "1 2 'mount' '/proc' 'not\\x20\"permitted\"\\x20here\\x0a'",
      "2 4711 'pod-1' '98765432109876543'",
      "3 -1 'rule' ''",
    ]);
  });

  it.each(["policy", "operations"])("are refused by C when a %s file is cut anywhere", (name) => {
    const bytes = readFileSync(golden(name));
    const file = join(folder, "cut");
    for (const length of [0, 7, 8, 15, 16, 40, 95, 96, bytes.length - 1]) {
      writeFileSync(file, bytes.subarray(0, length));
      expect(show(file).stdout).toMatch(/^(policy: truncated|operations: truncated)?\n?$/);
    }
  });

  it.each([
    [0, "older"],
    [2, "newer"],
  ])("are refused by C in version %i, by name", (version, word) => {
    for (const name of ["policy", "operations"]) {
      const bytes = readFileSync(golden(name));
      bytes.writeUInt32LE(version, 8);
      const file = join(folder, "other-version");
      writeFileSync(file, bytes);
      expect(show(file).stdout).toBe(`${name}: written by ${word === "older" ? "an older" : "a newer"} qpod\n`);
    }
  });
});
