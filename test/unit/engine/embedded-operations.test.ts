import { describe, expect, test } from "vitest";
import { startOperations } from "../../../src/engine/embedded-operations.ts";
import { decodeOperations, encodeOperations, op } from "../../../src/launch/operations.ts";
import type { User } from "../../../src/launch/user.ts";
import type { IdMaps } from "../../../src/launch/user-namespace.ts";
import { aPod, paths } from "./a-pod.ts";

const user: User = { uid: 1000, gid: 1000, name: "u", group: "u", home: "/home/u" };
const root: IdMaps = { ownership: "real", uidMap: "", gidMap: "", reason: "" };
const ordinary: IdMaps = { ownership: "subordinate", uidMap: "0 1000 1 1 100000 65536", gidMap: "0 1000 1 1 100000 65536", reason: "" };

function startList(maps: IdMaps, folder = "/srv/roots/old") {
  const pod = aPod();
  pod.root.tree = { folder, ownership: maps.ownership };
  return startOperations(pod, { paths, user, maps, entryFile: "/run/qpod/pods/old.entry" });
}

describe("how an embedded pod is made", () => {
  test("root makes only a mount namespace, an ordinary user a user namespace first", () => {
    expect(startList(root)[0]?.code).toBe(op.unshare);
    expect(
      startList(ordinary)
        .slice(0, 2)
        .map((one) => one.code),
    ).toEqual([op.ids, op.unshare]);
    expect(startList(ordinary)[0]?.numbers).toEqual([1]);
  });

  test("changes go to a layer of the pod's own; without root overlay keeps its marks in user attributes", () => {
    const options = (maps: IdMaps) => String(startList(maps).find((one) => one.strings?.[2] === "overlay")?.strings?.[3]);
    expect(options(root)).toMatch(/^lowerdir=\/srv\/roots\/old,upperdir=.*\/layers\/old-tree-1\/upper,workdir=/);
    expect(options(root)).not.toContain("userxattr");
    expect(options(ordinary)).toContain("userxattr");
  });

  test("what overlay's options give a meaning to is escaped in paths", () => {
    expect(String(startList(root, "/srv/a,b:c\\d").find((one) => one.strings?.[2] === "overlay")?.strings?.[3])).toContain(
      "lowerdir=/srv/a\\,b\\:c\\\\d,",
    );
  });

  test("the host's /proc, /dev and /tmp are bound after the root is changed, and the work tree last", () => {
    const list = startList(root);
    const binds = list.filter((one) => one.code === op.bind).map((one) => String(one.strings?.[1]));
    expect(list.findIndex((one) => one.code === op.pivot)).toBeLessThan(list.findIndex((one) => one.code === op.bind));
    expect(binds).toEqual(expect.arrayContaining(["/proc", "/sys", "/dev", "/tmp", "/home/u/src/tree"]));
    expect(binds.indexOf("/home/u")).toBeLessThan(binds.indexOf("/home/u/src/tree"));
  });

  test("the list ends with the entry, which is a list itself", () => {
    const last = decodeOperations(encodeOperations(startList(root))).at(-1);
    expect(last?.code).toBe(op.entry);
    expect(decodeOperations(last?.strings[1] ?? Buffer.alloc(0))[0]?.code).toBe(op.pod);
  });
});
