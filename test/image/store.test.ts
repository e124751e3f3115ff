import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, describe, expect, test } from "vitest";
import { makeTar } from "../unit/image/make-tar.ts";
import { type Caller, call, close, hasTools, makeCallers, prepare, publicFolder, startCall } from "./callers.ts";

const callers = hasTools("tar", "setpriv") ? makeCallers() : [];
afterAll(close);

const small = makeTar([
  { path: "bin/make", data: "x", mode: 0o755 },
  { path: "etc/closed/", type: "5", mode: 0o700, uid: 42 },
  { path: "etc/closed/x", data: "x", uid: 42 },
]);

describe.each(callers)("the store of root trees, for $name", (caller: Caller) => {
  const folder = publicFolder();
  const roots = join(caller.env.XDG_DATA_HOME ?? "", "qpod/roots");
  const put = (name: string, bytes: Buffer) => {
    writeFileSync(join(folder, name), bytes);
    return { kind: "archive" as const, file: join(folder, name) };
  };
  const unfinished = () => readdirSync(roots).filter((name) => name.endsWith(".work"));

  test("eight at once make one tree", async () => {
    const root = put("once.tar", small);
    const answers = await Promise.all(Array.from({ length: 8 }, () => prepare(caller, root)));
    expect(answers.map(({ error }) => error)).toEqual(Array(8).fill(undefined));
    expect(new Set(answers.map(({ prepared }) => prepared?.identity)).size).toBe(1);
    expect(answers.filter(({ said }) => said.some((line) => line.startsWith("unpacking"))).length).toBe(1);
    expect(unfinished()).toEqual([]);
  });

  test("what was prepared is read without doing anything, until the archive changes", async () => {
    const root = put("changing.tar", small);
    expect((await call(caller, "read", root)).prepared).toBeUndefined();
    const { prepared } = await prepare(caller, root);
    expect((await call(caller, "read", root)).prepared).toEqual(prepared);
    utimesSync(root.file, 1, 1);
    expect((await call(caller, "read", root)).prepared).toBeUndefined();
  });

  test("a record or tree that was removed or damaged is made again", async () => {
    const root = put("damaged.tar", small);
    const { prepared } = await prepare(caller, root);
    const tree = prepared?.tree?.folder ?? "";
    writeFileSync(join(tree, "../root.json"), '{"format":');
    expect((await prepare(caller, root)).prepared?.programs).toEqual(["make"]);
    rmSync(tree, { recursive: true });
    expect((await prepare(caller, root)).prepared?.programs).toEqual(["make"]);
    expect(existsSync(join(tree, "bin/make"))).toBe(true);
  });

  test("an interrupted preparation leaves nothing that is taken for a tree, and the next one cleans up", async () => {
    const big = Array.from({ length: 4000 }, (_, i) => ({ path: `usr/share/${i % 50}/${i}`, data: Buffer.alloc(20_000, i) }));
    const root = put("big.tar", makeTar([{ path: "bin/make", data: "x", mode: 0o755 }, ...big]));
    const child = startCall(caller, "prepare", root);
    while (!unfinished().some((name) => existsSync(join(roots, name, "tree/usr")))) await sleep(5);
    process.kill(-(child.pid ?? 0), "SIGKILL");
    await new Promise((resolve) => child.on("close", resolve));
    expect(unfinished()).toHaveLength(1);
    expect((await call(caller, "read", root)).prepared).toBeUndefined();
    const { prepared } = await prepare(caller, root);
    expect(readdirSync(join(prepared?.tree?.folder ?? "", "usr/share"))).toHaveLength(50);
    expect(unfinished()).toEqual([]);
  });

  test("trees are listed with their size and removed whole, whoever owns the files", async () => {
    await prepare(caller, put("gone.tar", small));
    const { roots: before = [] } = await call(caller, "list");
    const gone = before.find(({ what }) => what.endsWith("gone.tar"));
    expect(gone?.size).toBeGreaterThan(4096);
    const { freed, error } = await call(caller, "remove", gone?.key);
    expect(error).toBeUndefined();
    expect(freed).toBe(gone?.size);
    expect(readdirSync(roots).filter((name) => gone && name.startsWith(gone.key))).toEqual([]);
  });

  test("a full disk is named, and leaves nothing half-made", async () => {
    const mount = join(folder, "small-disk");
    mkdirSync(mount);
    if (spawnSync("mount", ["-t", "tmpfs", "-o", `size=2m,uid=${caller.uid},gid=${caller.gid},mode=700`, "none", mount]).status !== 0)
      return;
    try {
      const root = put("large.tar", makeTar([{ path: "bin/make", data: Buffer.alloc(4 << 20) }]));
      const { error } = await prepare({ ...caller, env: { ...caller.env, XDG_DATA_HOME: mount } }, root);
      expect(error).toMatch(/^qpod: the disk with qpod's data folder is full\n/);
      expect(readdirSync(join(mount, "qpod/roots"))).toEqual([]);
    } finally {
      spawnSync("umount", [mount]);
    }
  });

  test("a folder of the user's is used as it is", async () => {
    const tree = join(caller.folder, "own");
    mkdirSync(join(tree, "bin"), { recursive: true });
    writeFileSync(join(tree, "bin/cc"), "x", { mode: 0o755 });
    spawnSync("chown", ["-R", `${caller.uid}:${caller.gid}`, tree]);
    const first = await prepare(caller, { kind: "rootfs", folder: tree });
    expect(first.prepared).toMatchObject({
      programs: ["cc"],
      tree: { folder: tree, ownership: caller.ownership === "real" ? "real" : "single" },
    });
    writeFileSync(join(tree, "bin/make"), "x", { mode: 0o755 });
    const second = await prepare(caller, { kind: "rootfs", folder: tree });
    expect(second.prepared?.programs).toEqual(["cc", "make"]);
    expect(second.prepared?.identity).toBe(first.prepared?.identity);
    expect((await prepare(caller, { kind: "rootfs", folder: join(tree, "nowhere") })).error).toContain("there is no such folder");
  });
});
