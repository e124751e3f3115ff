import { describe, expect, test } from "vitest";
import { asNamespaceRoot, countIds, readIdMaps } from "../../../src/launch/user-namespace.ts";

const user = { uid: 1000, gid: 100, name: "ada" };
const all = () => true;

describe("the id mapping of a user's trees", () => {
  test("root needs none", () => {
    const maps = readIdMaps({ user: { uid: 0, gid: 0, name: "root" }, subuid: "", subgid: "", hasProgram: all });
    expect(maps.ownership).toBe("real");
    expect(asNamespaceRoot(["tar", "x"], maps)).toEqual(["tar", "x"]);
  });

  test("subordinate ids follow the user's own, given by name or by number", () => {
    const maps = readIdMaps({ user, subuid: "bob:1:2\nada:100000:65536\n1000:300000:10\n", subgid: "ada:200000:65536", hasProgram: all });
    expect(maps).toMatchObject({
      ownership: "subordinate",
      uidMap: "0 1000 1 1 100000 65536 65537 300000 10",
      gidMap: "0 100 1 1 200000 65536",
    });
    expect(countIds(maps.uidMap)).toBe(65547);
    expect(countIds(maps.gidMap)).toBe(65537);
  });

  test.each([
    ["no line for the user", { subuid: "bob:1:2", subgid: "ada:1:2", hasProgram: all }, "/etc/subuid has no line for ada"],
    ["no line for the group", { subuid: "ada:1:2", subgid: "", hasProgram: all }, "/etc/subgid has no line for ada"],
    ["no newuidmap", { subuid: "ada:1:2", subgid: "ada:1:2", hasProgram: () => false }, "newuidmap is not installed"],
    ["a damaged line", { subuid: "ada:x:y\nada", subgid: "ada:1:2", hasProgram: all }, "/etc/subuid has no line for ada"],
  ])("%s leaves the user's own id alone", (_, host, reason) => {
    expect(readIdMaps({ user, ...host })).toEqual({ ownership: "single", uidMap: "0 1000 1", gidMap: "0 100 1", reason });
  });
});
