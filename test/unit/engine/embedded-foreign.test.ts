import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { fillUpper } from "../../../src/engine/embedded-foreign.ts";
import { layerOf, type Surroundings } from "../../../src/engine/embedded-layer.ts";
import type { Pod } from "../../../src/engine/engine.ts";
import { aPod, paths } from "./a-pod.ts";

describe("what is laid over a tree of root's", () => {
  let folder: string;
  let pod: Pod;
  let around: Surroundings;
  const upper = (path: string) => join(layerOf(pod.id, around.paths).upper, path);

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "qpod-foreign-"));
    const tree = join(folder, "tree");
    for (const name of ["etc", "home", "mnt/disk"]) mkdirSync(join(tree, name), { recursive: true });
    writeFileSync(join(tree, "etc/passwd"), "root:x:0:0::/root:/bin/sh");
    writeFileSync(join(tree, "etc/hosts"), "127.0.0.1 localhost\n");
    symlinkSync("../run/resolv.conf", join(tree, "etc/resolv.conf"));
    symlinkSync("/mnt/disk", join(tree, "srv"));
    pod = aPod();
    pod.root.tree = { folder: tree, ownership: "real" };
    around = {
      paths: { ...paths, data: join(folder, "data") },
      user: { uid: 1000, gid: 1000, name: "u", group: "u", home: "/home/u" },
      maps: { ownership: "single", uidMap: "0 1000 1", gidMap: "0 1000 1", reason: "" },
      entryFile: "",
    };
  });

  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  test("holds the folders of mount points that the tree lacks, and no others", () => {
    fillUpper(pod, around, ["/home/u/src", "/etc"], []);
    expect(existsSync(upper("home/u"))).toBe(true);
    expect(existsSync(upper("home/u/src"))).toBe(false);
    expect(existsSync(upper("mnt"))).toBe(false);
  });

  test("follows the tree's own links, which a folder of that name would hide", () => {
    fillUpper(pod, around, ["/srv/data/x"], []);
    expect(existsSync(upper("srv"))).toBe(false);
    expect(existsSync(upper("mnt/disk/data"))).toBe(true);
  });

  test("holds a file where one is to be mounted over a link, or nothing", () => {
    fillUpper(pod, around, [], ["/etc/resolv.conf", "/etc/hosts", "/etc/localtime"]);
    expect(readFileSync(upper("etc/resolv.conf"), "utf8")).toBe("");
    expect(existsSync(upper("etc/localtime"))).toBe(true);
    expect(existsSync(upper("etc/hosts"))).toBe(false);
  });

  test("makes the user known, with a user database where there is none, and keeps what was changed since", () => {
    fillUpper(pod, around, [], []);
    expect(readFileSync(upper("etc/passwd"), "utf8")).toBe("root:x:0:0::/root:/bin/sh\nu:x:1000:1000:u:/home/u:/bin/sh\n");
    expect(readFileSync(upper("etc/group"), "utf8")).toBe("u:x:1000:\n");
    writeFileSync(upper("etc/passwd"), "mine");
    fillUpper(pod, around, [], []);
    expect(readFileSync(upper("etc/passwd"), "utf8")).toBe("mine");
  });
});
