import { execFileSync } from "node:child_process";
import { chmodSync, chownSync, existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readStartTime } from "../../src/launch/first-process.ts";
import { copyInstallation, type Installation } from "../support/installation.ts";
import { onlyFor } from "../support/only-for.ts";
import { runAs } from "../support/person.ts";
import { findSettings, Sandbox } from "../support/sandbox.ts";
import { testArchive } from "../support/sandbox-podman.ts";

const settings = [
  ...findSettings("usual").filter(({ engine, person }) => (person.uid === 0 ? engine === "embedded" : engine === "podman")),
  ...findSettings("members").filter(({ isServed, isPodmans }) => !isServed && !isPodmans),
];

let installation: Installation;

beforeAll(() => {
  installation = copyInstallation();
});

afterAll(() => installation.remove());

interface Answer {
  bytes: number;
  removed: { what: string; bytes: number }[];
}

describe.each(settings)("garbage ($title)", (setting) => {
  let sandbox: Sandbox;
  let data = "";

  beforeAll(async () => {
    sandbox = new Sandbox(setting, installation);
    await sandbox.furnish("", { own: true });
    data = join(sandbox.env.XDG_DATA_HOME ?? "", "qpod");
  });

  afterAll(() => sandbox.remove());

  const gc = (...options: string[]): Answer => JSON.parse(sandbox.must([sandbox.qpod, "gc", "--json", ...options]));
  const put = (name: string, text: string) => sandbox.write(`home/.local/share/qpod/${name}`, text);

  test("of an environment that was removed goes: its pods and its root, and a trial run says so with sizes", async () => {
    // The same content under another name is another archive, and another image of podman's.
    const archive = sandbox.write("home/gone.tar", "");
    execFileSync("rm", [archive]);
    execFileSync("cp", ["--reflink=auto", await testArchive("small"), archive]);
    chownSync(archive, sandbox.person.uid, sandbox.person.gid);
    chmodSync(archive, 0o644);
    sandbox.write("home/.config/qpod/environments/gone.yaml", `archive: ${archive}\nengine: ${setting.engine}\n`);
    sandbox.must([sandbox.qpod, "init", "gone"]);
    sandbox.must([sandbox.qpod, "run", "--root", "sh", "-c", "head -c 3000000 /dev/zero > /etc/large"]);
    sandbox.must([sandbox.qpod, "down"]);
    expect(gc("--dry-run").removed).toEqual([]);
    sandbox.must([sandbox.qpod, "init", "old"]);
    sandbox.must([sandbox.qpod, "env", "remove", "gone"]);
    const trial = gc("--dry-run");
    expect(trial.removed.map(({ what }) => what)).toEqual([expect.stringMatching(/^pod gone-tool-/), `root ${archive}`]);
    expect(trial.removed[0]?.bytes).toBeGreaterThan(3_000_000);
    expect(trial.removed[1]?.bytes).toBeGreaterThan(10_000_000);
    const done = gc();
    expect(done).toMatchObject({ bytes: trial.bytes, removed: trial.removed });
    expect(readdirSync(join(data, "roots")).filter((name) => name.startsWith("archive-"))).toHaveLength(0);
    expect(sandbox.must([sandbox.qpod, "gc"])).toBe("nothing to remove\n");
  });

  onlyFor(setting.engine === "embedded")("of an emptied runtime folder goes: first processes that nothing names", () => {
    sandbox.must([sandbox.qpod, "up"]);
    const [pod] = sandbox.pods();
    const first = { pid: pod?.pid ?? 0, startTime: readStartTime(pod?.pid ?? 0) };
    execFileSync("rm", ["-r", join(sandbox.env.XDG_RUNTIME_DIR ?? "", "qpod", "pods")]);
    const lost = [expect.stringMatching(`runtime folder has lost \\(process ${first.pid}\\)`)];
    expect(gc("--dry-run").removed.map(({ what }) => what)).toEqual(lost);
    expect(readStartTime(first.pid)).toBe(first.startTime);
    expect(gc().removed.map(({ what }) => what)).toEqual(lost);
    expect(readStartTime(first.pid)).toBeUndefined();
  });

  test("that killed pulls and bootstraps left goes, but not what others are about", () => {
    const own = `pull-${process.pid}.${readStartTime(process.pid)}-abcdef`;
    put("pull-4194399.1-abcdef/blob", "x".repeat(10_000));
    put(`${own}/blob`, "x");
    put("roots/archive-0123.work/tree/bin/sh", "x");
    put("debs/debian-sid/a_1_all.deb", "x");
    put("debs/debian-bullseye/a_1_all.deb", "x");
    sandbox.write("home/.config/qpod/environments/bullseye.yaml", "bootstrap: bullseye\n");
    const trial = gc("--dry-run");
    expect(trial.removed.map(({ what }) => what)).toEqual([
      "interrupted work on archive-0123.work",
      "packages of debian sid",
      "an interrupted pull",
    ]);
    expect(gc()).toMatchObject({ bytes: trial.bytes, removed: trial.removed });
    expect(gc("--cache").removed).toEqual([{ what: "packages of debian bullseye", bytes: expect.any(Number) }]);
    expect(existsSync(join(data, own, "blob"))).toBe(true);
  });

  onlyFor(setting.engine === "podman")("of podman's goes: containers of looks that were killed", async () => {
    const podman = (...args: string[]) => runAs(sandbox.person, ["podman", ...args], { cwd: "/", env: sandbox.env }).stdout.trim();
    sandbox.must([sandbox.qpod, "up"]);
    const [image = ""] = podman("images", "--quiet").split("\n");
    const forgotten = podman("create", "--label", "io.qpod.look=4194399.1", image, "/bin/true");
    const present = podman("create", "--label", `io.qpod.look=${process.pid}.${readStartTime(process.pid)}`, image, "/bin/true");
    expect(gc().removed.map(({ what }) => what)).toEqual([`container ${forgotten.slice(0, 12)} of a look into an image`]);
    expect(podman("ps", "--all", "--quiet", "--no-trunc")).toContain(present);
    expect(podman("ps", "--all", "--quiet", "--no-trunc")).not.toContain(forgotten);
    podman("rm", present);
  });
});
