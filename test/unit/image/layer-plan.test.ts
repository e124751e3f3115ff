import { describe, expect, test } from "vitest";
import { LayerPlan } from "../../../src/image/layer-plan.ts";
import { TarReader } from "../../../src/image/tar-read.ts";
import { type Member, makeTar } from "./make-tar.ts";

const file = (path: string): Member => ({ path, data: "x" });
const folder = (path: string): Member => ({ path, type: "5", mode: 0o755 });
const link = (path: string, target: string): Member => ({ path, type: "2", link: target });
const hard = (path: string, target: string): Member => ({ path, type: "1", link: target });

/** Paths that remain, with the layer and index that each comes from; folders end in a slash. */
function plan(layers: Member[][], whiteouts = true): string[] {
  const made = new LayerPlan("x.tar", whiteouts);
  for (const [number, members] of layers.entries()) {
    let index = 0;
    const reader = new TarReader("x.tar", { entry: (entry) => made.add(entry, number, index++) });
    reader.write(makeTar(members));
  }
  const unpacking = made.finish();
  const files = layers.flatMap((members, layer) =>
    members.flatMap((_, index) => unpacking.pathsOf(layer, index).map((path) => `${path}=${layer}:${index}`)),
  );
  return [...unpacking.folders.map(({ path }) => `${path}/`), ...files].sort();
}

describe("applying layers", () => {
  test("a later layer's file wins, and the earlier one is never written", () => {
    expect(plan([[file("a")], [file("a")]])).toEqual(["./", "./a=1:0"]);
  });

  test("a whiteout hides what lower layers have", () => {
    expect(plan([[folder("d"), file("d/a"), file("d/b")], [file("d/.wh.a")]])).toEqual(["./", "./d/", "./d/b=0:2"]);
    expect(plan([[folder("d"), file("d/a")], [file(".wh.d")]])).toEqual(["./"]);
  });

  test("a whiteout does not hide what its own layer adds, whichever comes first", () => {
    expect(plan([[file("a")], [file("a"), file(".wh.a")]])).toEqual(["./", "./a=1:0"]);
    expect(plan([[file("a")], [file(".wh.a"), file("a")]])).toEqual(["./", "./a=1:1"]);
  });

  test("an opaque folder keeps only what its own layer has, whichever comes first", () => {
    const below = [folder("d"), file("d/old"), folder("d/sub"), file("d/sub/old")];
    const kept = ["./", "./d/", "./d/new=1:1"];
    expect(plan([below, [folder("d"), file("d/new"), file("d/.wh..wh..opq")]])).toEqual(kept);
    expect(plan([below, [folder("d/"), file("d/new"), file("d/.wh..wh..opq")]])).toEqual(kept);
    expect(plan([below, [file("d/.wh..wh..opq"), file("d/sub/new")]])).toEqual(["./", "./d/", "./d/sub/", "./d/sub/new=1:1"]);
  });

  test("a whiteout of something outside the tree does nothing", () => {
    expect(
      plan([
        [link("out", "/../../.."), file("keep")],
        [file("../../.wh.keep2"), file("out/.wh.nothing"), file(".wh..."), file(".wh.")],
      ]),
    ).toEqual(["./", "./keep=0:1", "./out=0:0"]);
  });

  test("in a root tarball such names are only names", () => {
    expect(plan([[file("a"), file(".wh.a")]], false)).toEqual(["./", "./.wh.a=0:1", "./a=0:0"]);
  });

  test("aufs' own records are left out", () => {
    expect(plan([[file(".wh..wh.plnk"), file(".wh..wh.aufs"), file("a")]])).toEqual(["./", "./a=0:2"]);
  });

  test("a file replaces a folder, and a folder a file or symlink", () => {
    expect(plan([[folder("d"), file("d/a")], [file("d")]])).toEqual(["./", "./d=1:0"]);
    expect(plan([[file("d")], [folder("d"), file("d/a")]])).toEqual(["./", "./d/", "./d/a=1:1"]);
    expect(plan([[link("d", "/elsewhere")], [folder("d")]])).toEqual(["./", "./d/"]);
  });

  test("hard links share what they were made from, even when its first name is gone", () => {
    expect(plan([[file("a"), hard("b", "a")], [file(".wh.a")]])).toEqual(["./", "./b=0:0"]);
    expect(plan([[file("a"), hard("b", "/a")], [file("a")]])).toEqual(["./", "./a=1:0", "./b=0:0"]);
  });

  test("a hard link to nothing is a damaged archive", () => {
    expect(() => plan([[hard("b", "a")]])).toThrow(/hard link to "a", which is not in it/);
  });

  test("device nodes are left out", () => {
    expect(
      plan([
        [
          { path: "dev/null", type: "3" },
          { path: "dev/sda", type: "4" },
          { path: "fifo", type: "6" },
        ],
      ]),
    ).toEqual(["./", "./dev/", "./fifo=0:2"]);
  });
});

describe("a hostile archive", () => {
  test("cannot climb out by ..", () => {
    expect(plan([[file("../../etc/passwd"), file("/abs"), file("a/../../b"), file("a/..")]])).toEqual([
      "./",
      "./a/",
      "./abs=0:1",
      "./b=0:2",
      "./etc/",
      "./etc/passwd=0:0",
    ]);
  });

  test("cannot write through a symlink of an earlier layer, nor of its own", () => {
    const layers = [[link("etc", "/home/me")], [file("etc/.bashrc")]];
    expect(plan(layers)).toEqual(["./", "./etc=0:0", "./home/", "./home/me/", "./home/me/.bashrc=1:0"]);
    expect(plan([layers.flat()])).toEqual(["./", "./etc=0:0", "./home/", "./home/me/", "./home/me/.bashrc=0:1"]);
  });

  test("cannot climb out by a symlink that goes up", () => {
    expect(plan([[link("up", "../../../../../.."), file("up/x"), link("d/up2", "../../.."), file("d/up2/y")]])).toEqual([
      "./",
      "./d/",
      "./d/up2=0:2",
      "./up=0:0",
      "./x=0:1",
      "./y=0:3",
    ]);
  });

  test("cannot make a hard link to a file of the host", () => {
    expect(() => plan([[link("etc", "/etc"), hard("shadow", "etc/shadow")]])).toThrow(/not in it/);
    expect(() => plan([[hard("shadow", "../../../etc/shadow")]])).toThrow(/not in it/);
  });

  test("cannot keep us busy with a loop of symlinks", () => {
    expect(() => plan([[link("a", "b"), link("b", "a"), file("a/x")]])).toThrow(/loop of symlinks at "a"/);
  });
});
