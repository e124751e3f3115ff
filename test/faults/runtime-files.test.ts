import { chmodSync, chownSync, existsSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, truncateSync, unlinkSync, writeFileSync } from "node:fs";
import { beforeEach, expect, test } from "vitest";
import { expectPod, expectRefusal, forEverybody, halfWritten, isRoot, podFile, runtimeFile } from "./refusals.ts";

/** Somebody else, for files that must not be trusted. */
const SOMEBODY = 65534;

forEverybody("a damaged runtime folder", (sandbox, person) => {
  beforeEach(async () => {
    expectPod(await sandbox().session("make"));
  });

  const policy = () => runtimeFile(sandbox(), "policy");

  /** Changes the version, which follows eight letters in all three formats. */
  function setVersion(file: string, version: number) {
    const bytes = readFileSync(file);
    bytes.writeUInt32LE(version, 8);
    writeFileSync(file, bytes);
  }

  const damages: [string, (file: string) => void][] = [
    ["is gone", (file) => unlinkSync(file)],
    ["is empty", (file) => truncateSync(file, 0)],
    ["is cut off in its header", (file) => truncateSync(file, 10)],
    ["is cut off in its middle", (file) => truncateSync(file, Math.floor(statSync(file).size / 2))],
    ["lacks its last byte", (file) => truncateSync(file, statSync(file).size - 1)],
    ["is of an older qpod", (file) => setVersion(file, 0)],
    ["is of a newer qpod", (file) => setVersion(file, 99)],
    ["is something else", (file) => writeFileSync(file, "not ours, and quite long enough to be taken for a file of ours\n".repeat(20))],
  ];

  test.each(damages)("whose policy %s is made again by the next command", async (_, damage) => {
    damage(policy());
    expectPod(await sandbox().session("make"));
    expectPod(await sandbox().session("./tell"));
    expect(halfWritten(runtimeFile(sandbox(), ""))).toEqual([]);
  });

  test.each(damages)("whose pod has an entry that %s", async (_, damage) => {
    damage(podFile(sandbox(), "entry"));
    expectPod(await sandbox().session("make"));
    expect(sandbox().pods()).toHaveLength(1);
  });

  test.each(damages)("whose pod has a start file that %s, and is down", async (_, damage) => {
    sandbox().command(["down"]);
    damage(podFile(sandbox(), "start"));
    expectPod(await sandbox().session("make"));
    expect(sandbox().pods()).toHaveLength(1);
  });

  test("that is removed as a whole", async () => {
    rmSync(runtimeFile(sandbox(), ""), { recursive: true });
    // The library and the launcher went with it: what runs without them is the host's, so a session must begin anew.
    sandbox().leaveSession();
    expectPod(await sandbox().session("make"));
  });

  test.skipIf(!isRoot || person.uid === 0)("with a policy of somebody else is refused until it is removed", async () => {
    chownSync(policy(), SOMEBODY, SOMEBODY);
    chmodSync(policy(), 0o644);
    const refusal = /^qpod: cannot trust the policy \/.*\/qpod\/policy: Operation not permitted\n {2}It is not a file of yours .*remove it, it is made again\.\nqpod: make was not run: without a policy it may belong in the environment of \/.*\/tool; elsewhere commands run\n$/;
    expectRefusal(await sandbox().session("make"), refusal);
    expectRefusal(await sandbox().session("./tell"), new RegExp(refusal.source.replace("make was", "tell was")));
    expect(await sandbox().session(`rm -f ${policy()}`, { cwd: sandbox().home })).toMatchObject({ status: 0 });
    expectPod(await sandbox().session("make"));
  });

  test("with a policy that others may write is refused until it is removed", async () => {
    chmodSync(policy(), 0o666);
    expectRefusal(await sandbox().session("make"), /^qpod: cannot trust the policy .*\n {2}.*\n.*\n$/);
    unlinkSync(policy());
    expectPod(await sandbox().session("make"));
  });

  test("with a link for a policy is refused until it is removed", async () => {
    unlinkSync(policy());
    symlinkSync("/etc/passwd", policy());
    expectRefusal(await sandbox().session("make"), /^qpod: cannot trust the policy .*\n {2}.*\n.*\n$/);
    unlinkSync(policy());
    expectPod(await sandbox().session("make"));
  });

  test("with an entry that others may write is refused until it is removed", async () => {
    const entry = podFile(sandbox(), "entry");
    chmodSync(entry, 0o622);
    expectRefusal(await sandbox().session("make"), /^qpod: cannot trust \/.*\.entry: Operation not permitted\n {2}It is not a file of yours .*\n$/);
    unlinkSync(entry);
    expectPod(await sandbox().session("make"));
  });

  test.skipIf(!isRoot || person.uid === 0)("with an entry of somebody else is refused until it is removed", async () => {
    const entry = podFile(sandbox(), "entry");
    chownSync(entry, SOMEBODY, SOMEBODY);
    chmodSync(entry, 0o644);
    expectRefusal(await sandbox().session("make"), /^qpod: cannot trust \/.*\.entry: Operation not permitted\n {2}It is not a file of yours .*\n$/);
    unlinkSync(entry);
    expectPod(await sandbox().session("make"));
  });

  test.skipIf(!isRoot || person.uid === 0)("with a start file of somebody else is made again", async () => {
    sandbox().command(["down"]);
    const start = podFile(sandbox(), "start");
    chownSync(start, SOMEBODY, SOMEBODY);
    chmodSync(start, 0o644);
    expectPod(await sandbox().session("make"));
    expect(statSync(start).uid).toBe(person.uid);
  });

  test("is mended by any command of qpod", () => {
    for (const name of readdirSync(runtimeFile(sandbox(), "shims"))) unlinkSync(runtimeFile(sandbox(), `shims/${name}`));
    unlinkSync(policy());
    sandbox().command(["refresh"]);
    expect(existsSync(policy()) && existsSync(runtimeFile(sandbox(), "shims/make"))).toBe(true);
  });
});
