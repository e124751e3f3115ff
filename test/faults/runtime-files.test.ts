import {
  chmodSync,
  chownSync,
  copyFileSync,
  existsSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  unlinkSync,
  writeFileSync,
} from "node:fs";
import { beforeEach, expect, test } from "vitest";
import { onlyFor } from "../support/only-for.ts";
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

  /** Puts something in a file's place and then runs the command, in one script: for a script of its own would be refused too. */
  async function planted(file: string, plant: (path: string) => void, command: string) {
    copyFileSync(file, `${file}.planted`);
    plant(`${file}.planted`);
    const outcome = await sandbox().session(`mv ${file}.planted ${file}; ${command}`);
    unlinkSync(file);
    return outcome;
  }

  const everyPlant: [string, boolean, (path: string) => void][] = [
    [
      "of somebody else",
      isRoot && person.uid !== 0,
      (path) => {
        chmodSync(path, 0o644);
        chownSync(path, SOMEBODY, SOMEBODY);
      },
    ],
    [
      "that others may write",
      true,
      (path) => {
        chownSync(path, person.uid, person.gid);
        chmodSync(path, 0o622);
      },
    ],
    [
      "that is a link",
      true,
      (path) => {
        unlinkSync(path);
        symlinkSync("/etc/passwd", path);
      },
    ],
  ];
  // Only root can give a file away, and what is given away by root is root's.
  const plants = everyPlant.filter(([, isPossible]) => isPossible).map(([name, , plant]) => [name, plant] as const);

  test.each(plants)("with a policy %s is refused until it is removed", async (_, plant) => {
    const refusal = (name: string) =>
      new RegExp(
        `^qpod: cannot trust the policy /.*/qpod/policy: Operation not permitted\n {2}It is not a file of yours that only you can write: remove it, it is made again\\.\n` +
          `qpod: ${name} was not run: without a policy it may belong in the environment of /.*/tool; elsewhere commands run\n$`,
      );
    expectRefusal(await planted(policy(), plant, "exec make"), refusal("make"));
    expectPod(await sandbox().session("make"));
    expectRefusal(await planted(policy(), plant, "exec ./tell"), refusal("tell"));
    expectPod(await sandbox().session("make"));
    // What the message says to do can be done in the session.
    const removed = await planted(
      policy(),
      plant,
      `cd; rm -f ${policy()} 2>/dev/null; touch ${policy()}; cd ${sandbox().repository}; make`,
    );
    expectPod(removed);
  });

  test.each(plants)("with an entry %s is refused until it is removed", async (_, plant) => {
    const entry = podFile(sandbox(), "entry");
    const refusal =
      /^qpod: cannot trust \/.*\.entry: Operation not permitted\n {2}It is not a file of yours that only you can write: remove it, it is made again\.\n$/;
    expectRefusal(await planted(entry, plant, "exec make"), refusal);
    expectPod(await sandbox().session("make"));
  });

  onlyFor(person.uid !== 0, test.skipIf(!isRoot))("with a start file of somebody else is made again", async () => {
    sandbox().command(["down"]);
    const start = podFile(sandbox(), "start");
    chownSync(start, SOMEBODY, SOMEBODY);
    chmodSync(start, 0o644);
    expectPod(await sandbox().session("make"));
    expect(statSync(start).uid).toBe(person.uid);
  });

  test("without what it said of a pod that is up leads into that pod again: its changes are never mounted twice", async () => {
    const before = await sandbox().say("make");
    unlinkSync(podFile(sandbox(), "entry"));
    expect(await sandbox().say("make")).toBe(before);
    // As after a login without the first one's variables, or when the system has emptied the folder.
    const other = sandbox().makeFolder("other-login");
    const { stdout } = sandbox().command(["run", "make"], { env: { XDG_RUNTIME_DIR: other } });
    expect(stdout.trim()).toBe(before);
    rmSync(other, { recursive: true });
  });

  test("is mended by any command of qpod", () => {
    for (const name of readdirSync(runtimeFile(sandbox(), "shims"))) unlinkSync(runtimeFile(sandbox(), `shims/${name}`));
    unlinkSync(policy());
    sandbox().command(["refresh"]);
    expect(existsSync(policy()) && existsSync(runtimeFile(sandbox(), "shims/make"))).toBe(true);
  });
});
