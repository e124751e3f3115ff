import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { takeTurns } from "../../../bench/support/take-turns.ts";

describe("the timing program", () => {
  const folder = mkdtempSync(join(tmpdir(), "qpod-take-turns-"));
  const program = join(folder, "take-turns");
  const log = join(folder, "log");
  const options = { rounds: 3, env: { PATH: process.env.PATH } };
  const say = (word: string) => ["/bin/sh", "-c", `echo ${word} >> '${log}'`] as [string, ...string[]];

  beforeAll(() => execFileSync("cc", ["-O1", "-o", program, "bench/native/take-turns.c"]));
  afterAll(() => rmSync(folder, { recursive: true }));

  it("lets variants take turns forth and back, after a first round that is not counted", async () => {
    const turns = await takeTurns(program, { a: { what: "a", argv: say("a") }, b: { what: "b", argv: say("b") } }, options);
    expect(readFileSync(log, "utf8").trim().split("\n").join("")).toBe("baabbaab");
    expect(turns.a.wall).toHaveLength(3);
    expect(Math.min(...turns.b.wall)).toBeGreaterThan(0);
    expect(Math.min(...turns.b.processor)).toBeGreaterThan(0);
  });

  it("runs a command ahead of each turn, in the variant's folder and with its variables", async () => {
    rmSync(log);
    const argv: [string, ...string[]] = ["/bin/sh", "-c", `echo "$PWD $WORD $(cat '${folder}/before')" >> '${log}'`];
    const before = `echo now > '${folder}/before'`;
    await takeTurns(program, { a: { what: "a", argv, before, cwd: folder, set: { WORD: "two words" } } }, { ...options, rounds: 1 });
    expect(readFileSync(log, "utf8")).toBe(`${folder} two words now\n`.repeat(2));
  });

  it("gives an account of each of many at once", async () => {
    const argv: [string, ...string[]] = ["/bin/sh", "-c", "exit 3"];
    const turns = await takeTurns(program, { a: { what: "a", argv, batch: 40, jobs: 16 } }, { ...options, rounds: 2, mayFail: true });
    expect(turns.a).toMatchObject({ failed: 80, status: 3 });
  });

  it("does not take the time of a command that failed for an answer", async () => {
    await expect(takeTurns(program, { a: { what: "a", argv: ["/nonexistent"] } }, options)).rejects.toThrow("a: ended with 127");
  });
});
