import { execFileSync } from "node:child_process";
import { mkdirSync, readlinkSync, rmSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { expectPod, settle } from "../faults/refusals.ts";
import { copyInstallation, type Installation } from "../support/installation.ts";
import { findPeople, type Person } from "../support/person.ts";
import type { Outcome, Sandbox } from "../support/sandbox.ts";

const person = findPeople().at(-1) as Person;
const here = readlinkSync("/proc/self/ns/mnt");

/** Milliseconds within which even the worst file is refused, on a machine that does other things too. */
const QUICK = 30_000;

let installation: Installation;
let sandbox: Sandbox;

beforeAll(async () => {
  installation = copyInstallation();
  sandbox = await settle(person, installation);
  expectPod(await sandbox.session("make"));
});

afterAll(() => {
  sandbox?.remove();
  installation.remove();
});

const file = () => join(sandbox.repository, ".qpod.yaml");
const put = (text: string) => sandbox.write("home/src/tool/.qpod.yaml", text);
const giveAway = (path: string) => execFileSync("chown", ["-hR", `${person.uid}:${person.gid}`, path]);

/** Nothing that a terminal would obey, and no trace of ours. */
function expectHarmless({ stdout, stderr }: Outcome): void {
  expect(stdout + stderr).not.toMatch(/[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069]/);
  expect(stderr).not.toMatch(/^\s+at .*:\d+|internal error/m);
}

/** Refused with a line that says where and why: 125 and never the host's tool. */
function expectRefused(outcome: Outcome, fact: RegExp): void {
  expectHarmless(outcome);
  expect([outcome.status, outcome.stdout, outcome.stderr]).toEqual([125, "", expect.stringMatching(fact)]);
}

describe(`a hostile .qpod.yaml (as ${person.name})`, () => {
  afterEach(() => {
    rmSync(file(), { recursive: true, force: true });
  });

  const big = () => {
    put("environment: old\n");
    truncateSync(file(), 100 * 1024 * 1024);
  };
  const plants: [string, () => void, string][] = [
    ["of 100 MB", big, "the file is larger than 1 MiB"],
    ["that is a FIFO", () => execFileSync("mkfifo", [file()]), "this is not an ordinary file"],
    ["that is a folder", () => mkdirSync(file()), "this is not an ordinary file"],
    ["that is a link out of the tree", () => symlinkSync("/etc/passwd", file()), "this is a link, not an ordinary file"],
    ["that is a link to a device", () => symlinkSync("/dev/zero", file()), "this is a link, not an ordinary file"],
  ];

  test.each(plants)("%s is refused by its name, and its repository's commands do not go to the host", async (_, plant, fact) => {
    plant();
    giveAway(file());
    const line = new RegExp(`^qpod: ${file()}: ${fact}`);
    const began = performance.now();
    expectRefused(sandbox.command(["allow"]), line);
    expectRefused(await sandbox.session("make"), line);
    expectRefused(sandbox.command(["run", "make"]), line);
    expect(performance.now() - began).toBeLessThan(QUICK);
    rmSync(file(), { recursive: true });
    expectPod(await sandbox.session("make"));
  });

  test("with a bomb in it does not count, and the user's own binding is not lost to it", async () => {
    put(`a: &a [x, x, x]\nb: [${Array(2000).fill("*a").join(", ")}]\nenvironment: "\\e[2J"\n`);
    expectRefused(sandbox.command(["allow"]), /\.qpod\.yaml:\d+:\d+: /);
    expectPod(await sandbox.session("make"));
  });

  test("of a repository that nobody bound changes nothing, whatever it is", async () => {
    const other = sandbox.makeRepository(join(sandbox.home, "src/cloned"));
    for (const plant of [
      () => symlinkSync("/dev/zero", join(other, ".qpod.yaml")),
      () => execFileSync("mkfifo", [join(other, ".qpod.yaml")]),
    ]) {
      rmSync(join(other, ".qpod.yaml"), { force: true });
      plant();
      giveAway(join(other, ".qpod.yaml"));
      expect(await sandbox.say("readlink /proc/self/ns/mnt", { cwd: other })).toBe(here);
    }
  });
});

describe(`a hostile repository (as ${person.name})`, () => {
  test("with control characters in its path, branch and files sends none of them to the terminal", async () => {
    const evil = "ev\x1b[31mil\x07\u202e\u009b2J\r\n-x";
    const folder = sandbox.makeRepository(join(sandbox.home, "src", evil));
    writeFileSync(join(folder, ".git/HEAD"), "ref: refs/heads/b\x1b[2J\u009bx\n");
    mkdirSync(join(folder, "gone\x1b[31m"));
    for (const name of ["run\x1b]0;x\x07", "denied\u009b"])
      writeFileSync(join(folder, name), "#!/nowhere/\x1b[31m\n", { mode: name.startsWith("run") ? 0o755 : 0o644 });
    giveAway(folder);
    for (const args of [
      ["init", "old"],
      ["init", "ol\x1b[31m"],
      ["status"],
      ["explain", "make"],
      ["explain", "./run\x1b]0;x\x07"],
      ["run", "no\x1b[31m"],
    ])
      expectHarmless(sandbox.command(args, { cwd: folder }));
    for (const args of [
      ["run", "./run\x1b]0;x\x07"],
      ["run", "./denied\u009b"],
      ["up"],
      ["ps"],
      ["status", "--json"],
      ["ps", "--json"],
      ["unbind"],
    ])
      expectHarmless(sandbox.command(args, { cwd: folder }));
    expectHarmless(await sandbox.session("./run*; cd gone*; rmdir ../gone*; make", { cwd: folder }));
  });

  /** A git directory as a tarball may bring it: with bindings that its author made. */
  function bring(name: string, bindings = `{"version":1,"id":"${"0".repeat(32)}","bindings":[{"environment":"old","branch":""}]}`): string {
    const folder = sandbox.makeRepository(join(sandbox.home, "src", name));
    mkdirSync(join(folder, ".git/qpod"));
    writeFileSync(join(folder, ".git/qpod/bindings.json"), bindings);
    giveAway(folder);
    return folder;
  }

  test("that brings bindings is not bound by them", async () => {
    const folder = bring("brought");
    expect(await sandbox.say("readlink /proc/self/ns/mnt", { cwd: folder })).toBe(here);
    const said = sandbox.command(["status"], { cwd: folder });
    expect([said.status, said.stdout]).toEqual([1, expect.stringMatching(/not counted .*bindings\.json: look at it/)]);
    const { status, stderr } = sandbox.run(["qpod-shell", "true"], { cwd: folder });
    expect([status, stderr]).toEqual([
      0,
      expect.stringMatching(/^qpod: .*bindings\.json: these bindings came with the repository.*\n.*qpod allow/),
    ]);
  });

  test("whose git directory is a link to one that the user bound is that repository, and no more", async () => {
    const folder = sandbox.makeFolder("home/src/linked");
    symlinkSync(join(sandbox.repository, ".git"), join(folder, ".git"));
    giveAway(folder);
    // The binding is the user's own, and so is the folder that it names; commands get its environment, or fail.
    const { status, stdout } = await sandbox.session("make -f /dev/null --eval 'all:; @readlink /proc/self/ns/mnt'", { cwd: folder });
    expect([status, stdout.trim() === here]).not.toEqual([0, true]);
  });

  test.each([
    ["leads nowhere", "gitdir: /nowhere/\x1b[31m\n"],
    ["leads to itself", "gitdir: .git\n"],
    ["leads to what is none", "gitdir: /etc\n"],
    ["holds a NUL", "gitdir: /\0etc\n"],
    ["is something else", "\x1b[31mhello\n"],
    ["is a megabyte", `gitdir: ${"x/".repeat(500_000)}\n`],
  ])("whose .git file %s is told so", (_, text) => {
    const folder = sandbox.makeFolder("home/src/pointing");
    writeFileSync(join(folder, ".git"), text);
    giveAway(folder);
    for (const args of [["status"], ["init", "old"]]) expectRefused(sandbox.command(args, { cwd: folder }), /^qpod: .*\/pointing\/\.git: /);
  });

  test("whose bindings were changed by others goes neither to the host nor where they say", async () => {
    const folder = sandbox.makeRepository(join(sandbox.home, "src/changed"));
    sandbox.must([sandbox.qpod, "init", "old"], folder);
    writeFileSync(join(folder, ".git/qpod/bindings.json"), `{"version":1,"id":"${"0".repeat(32)}","bindings":[]}`);
    sandbox.command(["refresh"]);
    expectRefused(await sandbox.session("make", { cwd: folder }), /bindings\.json: these bindings are not as you left them/);
  });
});
