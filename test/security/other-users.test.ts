import { once } from "node:events";
import {
  chmodSync,
  chownSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readlinkSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { expectPod, expectRefusal, isRoot, podFile, runtimeFile, settle } from "../faults/refusals.ts";
import { copyInstallation, type Installation } from "../support/installation.ts";
import { strangerUser } from "../support/ordinary-user.ts";
import { findPeople, runAs } from "../support/person.ts";
import type { Sandbox } from "../support/sandbox.ts";

const nobody = { name: "", uid: 0, gid: 0 };
const [root = nobody, ordinary = nobody] = isRoot ? findPeople() : [];

/** Only root can be two people. */
describe.skipIf(!isRoot).each([
  [ordinary, strangerUserIfRoot()],
  [root, ordinary],
])("another user of the machine ($0.name, tried by $1.name)", (victim, stranger) => {
  let installation: Installation;
  let sandbox: Sandbox;
  let pod: { pid: number };
  const strangely = (...argv: string[]) => runAs(stranger, argv, { cwd: "/", env: { PATH: process.env.PATH ?? "", HOME: "/" } });

  beforeAll(async () => {
    installation = copyInstallation();
    sandbox = await settle(victim, installation);
    // As open as a home and a runtime folder ever are: what is tested is qpod's own folders.
    for (const path of ["", "home", "home/.local", "home/.local/share", "home/.local/state", "home/src", "home/src/tool"])
      chmodSync(join(sandbox.folder, path), 0o755);
    expectPod(await sandbox.session("make"));
    pod = sandbox.pods()[0] ?? { pid: 0 };
  });

  afterAll(() => {
    sandbox?.remove();
    installation.remove();
  });

  test.each([
    ["data", "home/.local/share/qpod"],
    ["what the user allowed", "home/.local/state/qpod"],
    ["the runtime folder", "run/qpod"],
    ["the bindings", "home/src/tool/.git/qpod"],
  ])("cannot look into the folder of %s", (_, path) => {
    const folder = join(sandbox.folder, path);
    expect(statSync(folder)).toMatchObject({ uid: victim.uid });
    expect(statSync(folder).mode & 0o7777).toBe(0o700);
    expect(strangely("ls", folder).status).not.toBe(0);
    expect(strangely("touch", join(folder, "new")).status).not.toBe(0);
  });

  test("is told whose the bindings are when they work in the repository", () => {
    const home = mkdtempSync("/tmp/qpod-stranger-");
    chownSync(home, stranger.uid, stranger.gid);
    const env = { PATH: installation.path, HOME: home, XDG_RUNTIME_DIR: home };
    const { status, stderr } = runAs(stranger, [sandbox.qpod, "status"], { cwd: sandbox.repository, env });
    rmSync(home, { recursive: true });
    expect([status, stderr]).toEqual([
      125,
      expect.stringMatching(/bindings\.json: these bindings are another user's.*\n {2}Work in a clone/),
    ]);
  });

  test("finds every file in the runtime folder closed, were the folders open", () => {
    const files = readdirSync(runtimeFile(sandbox, ""), { recursive: true, encoding: "utf8" });
    const open = files.filter((name) => {
      const info = lstatSync(runtimeFile(sandbox, name));
      return !info.isSymbolicLink() && ((info.mode & 0o077) !== 0 || info.uid !== victim.uid);
    });
    expect([files.length > 10, open]).toEqual([true, []]);
  });

  test("closes folders again that were left open", async () => {
    const folders = ["home/.local/share/qpod", "home/.local/state/qpod", "run/qpod"].map((path) => join(sandbox.folder, path));
    for (const folder of folders) chmodSync(folder, 0o775);
    expect(sandbox.command(["refresh"]).status).toBe(0);
    expect(folders.map((folder) => statSync(folder).mode & 0o7777)).toEqual([0o700, 0o700, 0o700]);
  });

  test.each(["mnt", "user", "pid"])("cannot open the pod's %s namespace", (name) => {
    const answer = strangely("cat", `/proc/${pod.pid}/ns/${name}`);
    expect([answer.status, answer.stderr]).toEqual([1, expect.stringContaining("Permission denied")]);
  });

  test("cannot enter the pod, see its files, read its memory, trace it or end it", () => {
    expect(strangely("nsenter", `--mount=/proc/${pod.pid}/ns/mnt`, "true").status).not.toBe(0);
    for (const name of ["root", "cwd"]) expect(strangely("ls", `/proc/${pod.pid}/${name}/`).status).not.toBe(0);
    for (const name of ["mem", "environ", "auxv"]) expect(strangely("head", "-c1", `/proc/${pod.pid}/${name}`).status).not.toBe(0);
    expect(strangely("strace", "-p", String(pod.pid)).stderr).toMatch(/Operation not permitted/);
    expect(strangely("kill", String(pod.pid)).status).not.toBe(0);
    expect(existsSync(`/proc/${pod.pid}`)).toBe(true);
  });

  test("gets nowhere by the launcher either", () => {
    const launcher = join(installation.folder, "dist/native/qpod-launch");
    const id = podFile(sandbox, "entry").replace(/.*\/|\.entry$/g, "");
    const started = strangely(launcher, "start", runtimeFile(sandbox, ""), id, "0");
    expect([started.status, started.stderr]).toEqual([125, expect.stringMatching(/^qpod: .*Permission denied/)]);
    expect(strangely(launcher, "explain", runtimeFile(sandbox, ""), "make").status).toBe(125);
  });

  test("cannot keep a lock from the user: theirs are where nobody else comes", () => {
    const locks = readdirSync(runtimeFile(sandbox, "pods")).filter((name) => name.endsWith(".lock"));
    expect(locks).toHaveLength(1);
    expect(strangely("flock", "--nonblock", runtimeFile(sandbox, `pods/${locks[0]}`), "true").status).not.toBe(0);
  });

  test("cannot trace or read a command that runs in the pod", async () => {
    const child = sandbox.start([sandbox.qpod, "run", "sh", "-c", "echo $$; exec sleep 60"]);
    const [line] = (await once(child.stdout as NodeJS.ReadableStream, "data")) as [Buffer];
    const pid = String(line).trim();
    try {
      expect(strangely("readlink", `/proc/${pid}/ns/mnt`).status).not.toBe(0);
      expect(strangely("ls", `/proc/${pid}/fd/`).status).not.toBe(0);
      expect(strangely("kill", pid).status).not.toBe(0);
    } finally {
      child.kill();
    }
  });
});

describe.skipIf(!isRoot)("what another user plants", () => {
  const victim = strangerUserIfRoot();
  const planted = `/tmp/qpod-${victim.uid}`;
  let installation: Installation;
  let sandbox: Sandbox;

  beforeAll(async () => {
    installation = copyInstallation();
    rmSync(planted, { recursive: true, force: true });
    sandbox = await settle(victim, installation);
    expectPod(sandbox.command(["shell", "-c", "make"]));
  });

  afterAll(() => {
    rmSync(planted, { recursive: true, force: true });
    sandbox?.remove();
    installation.remove();
  });

  test("is not used when it is the user's own policy and entry, as hard links in a folder of theirs", () => {
    mkdirSync(join(planted, "pods"), { recursive: true, mode: 0o755 });
    linkSyncAcross(runtimeFile(sandbox, "policy"), join(planted, "policy"));
    const entry = podFile(sandbox, "entry");
    linkSyncAcross(entry, join(planted, "pods", entry.replace(/.*\//, "")));
    for (const path of [planted, join(planted, "pods")]) chownSync(path, ordinary.uid, ordinary.gid);
    const refusal = /^qpod: (\/tmp\/qpod-\d+ is not a folder of yours|cannot trust the policy \/tmp\/qpod-\d+\/policy)/;
    for (const args of [["run", "make"], ["explain", "make"], ["shell", "-c", "make"], ["status"]])
      expectRefusal(sandbox.command(args, { env: { XDG_RUNTIME_DIR: "" } }), refusal);
    rmSync(planted, { recursive: true });
  });

  test("is not believed when it lists what the user allowed", () => {
    const list = join(sandbox.env.XDG_STATE_HOME ?? "", "qpod/trust.json");
    writeFileSync(list, JSON.stringify({ version: 1, content: {} }));
    for (const [mode, uid] of [
      [0o644, ordinary.uid],
      [0o666, victim.uid],
      [0o664, victim.uid],
    ] as const) {
      chownSync(list, uid, victim.gid);
      chmodSync(list, mode);
      sandbox.write("home/src/tool/.qpod.yaml", "environment: old\n");
      const refusal = /^qpod: .*trust\.json: this is not a file that only you can write\n {2}See whose it is/;
      expectRefusal(sandbox.command(["allow"]), refusal);
    }
    rmSync(list);
    rmSync(join(sandbox.repository, ".qpod.yaml"));
  });

  test("is not taken for the user's own when it is a home that `sudo` left in the environment", () => {
    const { stderr, status } = runAs(root, [sandbox.qpod, "status"], { cwd: sandbox.repository, env: sandbox.env });
    expect([status, stderr]).toEqual([125, expect.stringMatching(/is another user's|is not a folder of yours|only you can write/)]);
  });

  test("does not make root's commands go where a user bound their repository", () => {
    const home = mkHome();
    const env = { ...sandbox.env, HOME: home, XDG_RUNTIME_DIR: "", XDG_CONFIG_HOME: "", XDG_DATA_HOME: "", XDG_STATE_HOME: "" };
    const asRoot = (...args: string[]) =>
      runAs(root, [sandbox.qpod, ...args], { cwd: sandbox.repository, env: { ...env, XDG_RUNTIME_DIR: home } });
    try {
      const made = asRoot("shell", "-c", "make");
      expect([made.status, made.stderr, made.stdout]).toEqual([
        0,
        expect.stringContaining("do not count until you allow them"),
        `${readlinkSync("/proc/self/ns/mnt")}\n`,
      ]);
      expect(asRoot("status").stdout).toMatch(/not counted .*bindings\.json: look at it/);
      expect(asRoot("unbind").stderr).toMatch(/^qpod: .*the repository has bindings that you did not make\n/);
    } finally {
      asRoot("down", "--all");
      rmSync(home, { recursive: true, force: true });
    }
  });

  function mkHome() {
    const home = `/var/tmp/qpod-root-home-${process.pid}`;
    mkdirSync(home, { mode: 0o700 });
    return home;
  }

  /** As an attacker makes one where the kernel does not protect hard links; both are on one disk or it is a copy of the same owner. */
  function linkSyncAcross(from: string, to: string) {
    try {
      linkSync(from, to);
    } catch {
      const { status } = runAs(root, ["cp", "--preserve=all", from, to], { cwd: "/", env: { PATH: process.env.PATH ?? "" } });
      if (status !== 0) throw new Error(`cannot copy ${from}`);
    }
  }
});

function strangerUserIfRoot() {
  return isRoot ? strangerUser() : nobody;
}
