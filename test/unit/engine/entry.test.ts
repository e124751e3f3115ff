import { describe, expect, test } from "vitest";
import { clone, entryOperations } from "../../../src/engine/entry.ts";
import { type Operation, op } from "../../../src/launch/operations.ts";
import type { User } from "../../../src/launch/user.ts";
import { aPod } from "./a-pod.ts";

const user: User = { uid: 1000, gid: 1000, name: "u", group: "u", home: "/home/u" };
const stringsOf = (list: Operation[], code: number) =>
  list.filter((one) => one.code === code).flatMap((one) => (one.strings ?? []).map(String));
const definitionOf = (list: Operation[]) => list[0]?.numbers?.[2];

describe("how a pod is entered", () => {
  test("begins with the pod, whose pid is filled in later", () => {
    const [first] = entryOperations(aPod(), clone.mount, user);
    expect(first).toMatchObject({ code: op.pod, strings: ["old-tree-1"] });
    expect(first?.numbers?.slice(0, 2)).toEqual([0, 0]);
  });

  test("an ordinary user's pod is entered as that user; root's needs no identity", () => {
    const inside = entryOperations(aPod(), clone.mount | clone.user, user);
    expect(inside.find((one) => one.code === op.identity)?.numbers).toEqual([1000, 1000]);
    expect(entryOperations(aPod(), clone.mount, user).some((one) => one.code === op.identity)).toBe(false);
  });

  test("the image's variables hold, the user's own win, and PATH is for looking up", () => {
    const pod = aPod({ variables: { set: { LICENSE: "27000@host", EDITION: "mine" }, pass: ["MMSX_*"] } });
    pod.root.config.env = { PATH: "/opt/gcc/bin:/bin", EDITION: "the image's" };
    const list = entryOperations(pod, clone.mount, user);
    expect(stringsOf(list, op.set)).toEqual(expect.arrayContaining(["LICENSE=27000@host", "EDITION=mine", "HOME=/home/u", "USER=u"]));
    expect(stringsOf(list, op.set).some((one) => one.startsWith("PATH="))).toBe(false);
    expect(stringsOf(list, op.search)).toEqual(["/opt/gcc/bin:/bin"]);
    expect(stringsOf(list, op.pass)).toEqual(expect.arrayContaining(["TERM", "MAKEFLAGS", "CFLAGS", "MMSX_*"]));
  });

  test("a locale passes only where the root has it", () => {
    const pod = aPod();
    pod.root.locales = ["C.UTF-8"];
    const gates = entryOperations(pod, clone.mount, user).filter((one) => one.code === op.passIf);
    expect(gates.map((one) => one.strings?.[0])).toEqual(["LANG", "LC_*"]);
    expect(gates[0]?.strings).toContain("C.UTF-8");
    expect(gates[0]?.strings).not.toContain("de_DE.UTF-8");
  });

  test("a fixed path maps the work tree, and then PWD does not pass", () => {
    const list = entryOperations(aPod({ path: "/qpod" }), clone.mount, user);
    expect(stringsOf(list, op.pathMap)).toEqual(["/home/u/src/tree", "/qpod"]);
    expect(stringsOf(list, op.pass)).not.toContain("PWD");
  });

  test("the definition changes with anything in it, and only then", () => {
    const one = definitionOf(entryOperations(aPod(), clone.mount, user));
    expect(definitionOf(entryOperations(aPod(), clone.mount, user))).toBe(one);
    expect(definitionOf(entryOperations(aPod({ variables: { set: { A: "1" }, pass: [] } }), clone.mount, user))).not.toBe(one);
    expect(definitionOf(entryOperations(aPod(), clone.mount | clone.user, user))).not.toBe(one);
  });
});
