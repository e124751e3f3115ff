import { spawn } from "node:child_process";
import { once } from "node:events";
import { expect, it } from "vitest";
import { isAlive, parseStartTime, readStartTime, signalFirst } from "../../../src/launch/first-process.ts";

it("reads the start time behind a name with spaces and parentheses", () => {
  const fields = `S ${Array.from({ length: 18 }, (_, i) => i).join(" ")} 4711 0`;
  expect(parseStartTime(`12 (a ) b (c) ${fields}`)).toBe(4711n);
  expect(parseStartTime(`12 (x) ${fields.replace("S", "Z")}`)).toBeUndefined();
  expect(parseStartTime("garbage")).toBeUndefined();
});

it("knows a process by pid and start time", async () => {
  const child = spawn("sleep", ["60"]);
  const pid = child.pid ?? 0;
  const startTime = readStartTime(pid) ?? 0n;
  expect(isAlive({ pid, startTime })).toBe(true);
  expect(isAlive({ pid, startTime: startTime + 1n })).toBe(false);
  child.kill("SIGKILL");
  await once(child, "exit");
  expect(isAlive({ pid, startTime })).toBe(false);
});

it("takes a process that ends before the signal comes for ended", () => {
  const self = { pid: process.pid, startTime: readStartTime(process.pid) ?? 0n };
  const fail = (code: string) => () => {
    throw Object.assign(new Error(code), { code });
  };
  expect(signalFirst(self, "SIGTERM", fail("ESRCH"))).toBe(false);
  expect(() => signalFirst(self, "SIGTERM", fail("EPERM"))).toThrow("EPERM");
  expect(signalFirst({ ...self, startTime: 1n }, "SIGTERM", fail("never asked"))).toBe(false);
});
