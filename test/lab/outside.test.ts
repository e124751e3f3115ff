import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { setTimeout } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { onlyFor } from "../support/only-for.ts";
import { asPerson, findPeople } from "../support/person.ts";
import { LabRunner } from "./lab-runner.ts";

const isRoot = process.getuid?.() === 0;

/** Processes that have this variable: the lab's first one and its hosts keep what they were started with. */
function findMarked(mark: string): string[] {
  return readdirSync("/proc").filter((pid) => {
    try {
      return /^\d+$/.test(pid) && readFileSync(`/proc/${pid}/environ`, "latin1").includes(mark);
    } catch {
      return false;
    }
  });
}

/** What a lab could leave on the system: mounts, interfaces, names of network namespaces, files. */
function lookAround(home: string): string {
  const mounts = readFileSync("/proc/self/mountinfo", "utf8")
    .split("\n")
    .filter((line) => /\.lab|qpod-lab/.test(line));
  const links = spawnSync("ip", ["-o", "link"], { encoding: "utf8" })
    .stdout.split("\n")
    .filter((line) => /: (eth0|s0|p0)@/.test(line));
  const named = spawnSync("ip", ["netns", "list"], { encoding: "utf8" }).stdout;
  return JSON.stringify([mounts, links, named, readdirSync(home).sort()]);
}

describe.each(findPeople())("what is outside of a lab, as $name", { timeout: 60_000 }, (person) => {
  let runner: LabRunner;

  beforeAll(async () => {
    runner = await LabRunner.make("cases.ts");
  });
  afterAll(() => runner.remove());

  const home = () => runner.home(person);

  test.each([..."abcdef"])("nothing is left after SIGKILL of its runner at a random moment: %s", async (round) => {
    const before = lookAround(home());
    const mark = `QPOD_LAB_MARK=${process.pid}-${person.uid}-${round}`;
    const child = runner.start(person, "a lab holds for ever", { QPOD_LAB_MARK: mark.split("=")[1] ?? "" });
    // Half of them when all is up, the others while it is being made.
    if (round < "d") await once(child.stdout ?? child, "data");
    else await setTimeout(60 + Math.random() * 80);
    child.kill("SIGKILL");
    await once(child, "exit");
    // The kernel needs a moment to end them all.
    await expect.poll(() => findMarked(mark), { timeout: 10_000, interval: 5 }).toEqual([]);
    expect(lookAround(home())).toBe(before);
  });

  test.runIf(isRoot)("mounts pass in where they should, and never out", async () => {
    const folder = mkdtempSync("/var/tmp/qpod-lab-mounts-");
    const mount = (...args: string[]) => expect(spawnSync("mount", args).status).toBe(0);
    try {
      mount("-t", "tmpfs", "shared", folder);
      mount("--make-shared", folder);
      for (const name of ["inside", "late"]) mkdirSync(`${folder}/${name}`);
      chmodSync(folder, 0o755);
      const child = runner.start(person, "mounts pass as they should", {}, folder);
      const lines = createInterface({ input: child.stdout ?? process.stdin })[Symbol.asyncIterator]();
      expect((await lines.next()).value).toBe("mounted");
      expect(readFileSync("/proc/self/mountinfo", "utf8")).not.toContain(`${folder}/inside`);
      expect(readdirSync(`${folder}/inside`)).toEqual([]);
      mount("-t", "tmpfs", "late", `${folder}/late`);
      child.stdin?.write("look\n");
      expect(await once(child, "exit")).toEqual([0, null]);
    } finally {
      spawnSync("umount", ["--recursive", folder]);
      rmSync(folder, { recursive: true });
    }
  });

  onlyFor(person.uid === 0)("root without the right to make namespaces is told so, and nothing is changed", () => {
    const before = lookAround(home());
    const words = ["--bounding-set=-sys_admin", "--inh-caps=-sys_admin", "--", ...runner.words("a lab cannot be made")];
    const { status, stdout, stderr } = spawnSync("setpriv", words, { encoding: "utf8", env: runner.env(person) });
    expect(stderr).toBe("");
    expect(stdout).toBe(
      "cannot make the lab's namespaces: EPERM\n  This system restricts namespaces: `qpod doctor` says which setting and what to do.",
    );
    expect(status).toBe(0);
    expect(lookAround(home())).toBe(before);
  });

  onlyFor(person.uid !== 0, test.runIf(isRoot))(
    "an ordinary user of a system without user namespaces is told so, and nothing is changed",
    async () => {
      const before = lookAround(home());
      // The limit counts in the user namespace in which it is set, and in all below: ours is one with every id in it.
      const [program, ...rest] = asPerson(person, runner.words("a lab cannot be made"));
      const inside = `echo 0 > /proc/sys/user/max_user_namespaces && exec "$@"`;
      const script = `echo ready; read go; exec sh -c '${inside}' sh "$@"`;
      const child = spawn("unshare", ["-U", "sh", "-c", script, "sh", program, ...rest], { env: runner.env(person) });
      const said: string[] = [];
      child.stdout.on("data", (chunk) => said.push(String(chunk)));
      child.stderr.on("data", (chunk) => said.push(String(chunk)));
      const ended = once(child, "close");
      await once(child.stdout, "data");
      for (const map of ["uid_map", "gid_map"]) writeFileSync(`/proc/${child.pid}/${map}`, "0 0 4294967295");
      child.stdin.end("go\n");
      expect(await ended).toEqual([0, null]);
      expect(said.join("")).toMatch(/^ready\ncannot make a user namespace: ENOSPC\n {2}A limit on namespaces .*max_user_namespaces/);
      expect(lookAround(home())).toBe(before);
    },
  );
});
