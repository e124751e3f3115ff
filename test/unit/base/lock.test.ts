import { execFile, spawn, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { buildSync } from "esbuild";
import { describe, expect, onTestFinished, test } from "vitest";
import { QpodError } from "../../../src/base/errors.ts";
import { startTimeOf, withLock } from "../../../src/base/lock.ts";

const here = dirname(fileURLToPath(import.meta.url));

function makeLockPath(): string {
  const folder = mkdtempSync(join(tmpdir(), "qpod-test-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return join(folder, "lock");
}

/** What a holder writes, with one part changed. */
async function holderWith(change: (parts: string[]) => void): Promise<string> {
  const path = makeLockPath();
  const parts = await withLock(path, () => readlinkSync(path).split(":"));
  change(parts);
  return parts.join(":");
}

const endedPid = () => spawnSync("true").pid;

describe("a lock", () => {
  test("is held while the action runs, and gone afterwards", async () => {
    const path = makeLockPath();
    expect(await withLock(path, () => readlinkSync(path).startsWith(`${process.pid}:`))).toBe(true);
    expect(readdirSync(dirname(path))).toEqual([]);
  });

  test("is gone when the action fails", async () => {
    const path = makeLockPath();
    await expect(withLock(path, () => Promise.reject(new Error("no")))).rejects.toThrow("no");
    expect(readdirSync(dirname(path))).toEqual([]);
  });

  test("lets one at a time in, within a process", async () => {
    const path = makeLockPath();
    let inside = 0;
    let most = 0;
    const action = async () => {
      most = Math.max(most, ++inside);
      await new Promise((resolve) => setTimeout(resolve, 1));
      inside--;
    };
    await Promise.all(Array.from({ length: 20 }, () => withLock(path, action)));
    expect(most).toBe(1);
  });

  test("lets one at a time in, between processes, also when its last holder was killed", async () => {
    const path = makeLockPath();
    const module = join(dirname(path), "lock.mjs");
    buildSync({ entryPoints: [join(here, "../../../src/base/lock.ts")], outfile: module, bundle: true, platform: "node", format: "esm" });
    const file = join(dirname(path), "number");
    writeFileSync(file, "0");
    symlinkSync(await holderWith((parts) => (parts[0] = String(endedPid()))), path);
    const count = () => promisify(execFile)(process.execPath, [join(here, "count-up.mjs"), module, path, file, "20"]);
    await Promise.all(Array.from({ length: 6 }, count));
    expect(readFileSync(file, "utf8")).toBe("120");
    expect(readdirSync(dirname(path)).sort()).toEqual(["lock.mjs", "number"]);
  }, 60_000);

  test("that is held too long is an error that names its holder", async () => {
    const path = makeLockPath();
    const error = await withLock(path, () => withLock(path, () => {}, { timeout: 30, what: "the list" })).catch((error: unknown) => error);
    expect(error).toBeInstanceOf(QpodError);
    expect(error).toMatchObject({ fact: `the list is locked by process ${process.pid}`, place: { file: path } });
  });
});

describe("a lock is taken over", () => {
  test.each<[string, (parts: string[]) => void]>([
    ["when its holder has ended", (parts) => (parts[0] = String(endedPid()))],
    ["when its holder's pid is another process's now", (parts) => (parts[1] = "1")],
    ["when it is from before the machine was started", (parts) => (parts[2] = "0000-0000")],
    ["when it says nothing", (parts) => parts.splice(0)],
  ])("%s", async (_, change) => {
    const path = makeLockPath();
    symlinkSync((await holderWith(change)) || "x", path);
    expect(await withLock(path, () => "in", { timeout: 500 })).toBe("in");
    expect(readdirSync(dirname(path))).toEqual([]);
  });

  test("when who was about to take it over has ended too", async () => {
    const path = makeLockPath();
    const dead = await holderWith((parts) => (parts[0] = String(endedPid())));
    symlinkSync(dead, path);
    symlinkSync(await holderWith((parts) => (parts[0] = String(endedPid()))), `${path}.${dead.split(":").at(-1)}`);
    expect(await withLock(path, () => "in", { timeout: 500 })).toBe("in");
    expect(readdirSync(dirname(path))).toEqual([]);
  });
});

describe("a lock is left alone", () => {
  test.each<[string, (parts: string[]) => void]>([
    ["when its holder runs in another pid namespace", (parts) => parts.splice(0, 4, "1", "1", parts[2] ?? "", "1")],
    ["when its holder is on another machine", (parts) => parts.splice(2, 3, "0000", "1", `not-${hostname()}`)],
  ])("%s", async (_, change) => {
    const path = makeLockPath();
    symlinkSync(await holderWith(change), path);
    await expect(withLock(path, () => {}, { timeout: 30 })).rejects.toThrow("is locked by process");
    expect(existsSync(path) || readlinkSync(path)).toBeTruthy();
  });

  test("when there is something else in its place", async () => {
    const path = makeLockPath();
    writeFileSync(path, "mine");
    await expect(withLock(path, () => {})).rejects.toThrow("something in the lock's place");
    expect(readFileSync(path, "utf8")).toBe("mine");
  });
});

test("a process that has ended has no start time, even before its parent has noticed", async () => {
  expect(startTimeOf(process.pid)).toBeTypeOf("bigint");
  expect(startTimeOf(endedPid() as number)).toBeUndefined();
  const parent = spawn("sh", ["-c", "true & echo $!; exec sleep 5"], { stdio: ["ignore", "pipe", "ignore"] });
  onTestFinished(() => void parent.kill());
  const pid = Number(await new Promise((resolve) => parent.stdout.once("data", resolve)));
  await expect.poll(() => startTimeOf(pid)).toBeUndefined();
});
