import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, lstatSync, mkdirSync, readFileSync, readlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Member, makeTar } from "../unit/image/make-tar.ts";
import { type Caller, close, hasTools, makeCallers, prepare, publicFolder } from "./callers.ts";

const able = hasTools("tar", "skopeo", "zstd", "xz", "bzip2", "setpriv");
const callers = able ? makeCallers() : [];
afterAll(close);

const base: Member[] = [
  { path: "./", type: "5", mode: 0o755 },
  { path: "./bin/", type: "5", mode: 0o755 },
  { path: "./bin/make", data: "#!/bin/sh\n", mode: 0o755 },
  { path: "./bin/su", data: "x", mode: 0o4755 },
  { path: "./bin/gmake", type: "2", link: "make" },
  { path: "./bin/hard", type: "1", link: "./bin/make" },
  { path: "./dev/null", type: "3" },
  { path: "./etc/secret", data: "s", mode: 0o640, uid: 42 },
  { path: "./etc/closed/", type: "5", mode: 0o500, uid: 42 },
  { path: "./etc/closed/x", data: "x", mode: 0o400, uid: 42 },
  { path: "./etc/far", data: "x", uid: 2000000 },
  { path: "./etc/motd", data: "old" },
];
const change: Member[] = [
  { path: "etc/.wh.motd", data: "" },
  { path: "bin/cc", data: "#!/bin/sh\n", mode: 0o755 },
];

/** What `docker save` writes. */
function dockerArchive(layers: Buffer[], architecture = { x64: "amd64" }[process.arch as "x64"] ?? process.arch): Buffer {
  const config = JSON.stringify({
    architecture,
    os: "linux",
    config: { Env: ["PATH=/bin", "OLD=yes"], WorkingDir: "/src" },
    rootfs: { type: "layers", diff_ids: layers.map((layer) => `sha256:${createHash("sha256").update(layer).digest("hex")}`) },
  });
  const name = `${createHash("sha256").update(config).digest("hex")}.json`;
  const names = layers.map((_, i) => `${String(i).repeat(64)}/layer.tar`);
  const manifest = JSON.stringify([{ Config: name, RepoTags: ["old:1"], Layers: names }]);
  return makeTar([
    ...layers.map((data, i) => ({ path: names[i] ?? "", data })),
    { path: name, data: config },
    { path: "manifest.json", data: manifest },
  ]);
}

describe.each(callers)("an archive, for $name", (caller: Caller) => {
  let folder: string;
  const put = (name: string, bytes: Buffer) => {
    writeFileSync(join(folder, name), bytes);
    return join(folder, name);
  };
  beforeAll(() => {
    folder = publicFolder();
  });

  const unpack = async (file: string) => {
    const { prepared, error } = await prepare(caller, { kind: "archive", file });
    if (!prepared?.tree) throw new Error(error);
    expect(prepared.tree.ownership).toBe(caller.ownership);
    return { prepared, tree: prepared.tree.folder };
  };

  test.each(["none", "gzip", "xz", "zstd", "bzip2"])("a root tarball with compression %s", async (compression) => {
    const plain = put(`root-${compression}.bin`, makeTar(base));
    if (compression !== "none") writeFileSync(plain, execFileSync(compression, ["-c", plain]));
    const { prepared, tree } = await unpack(plain);
    expect(prepared.programs).toEqual(["gmake", "hard", "make", "su"]);
    expect(readlinkSync(join(tree, "bin/gmake"))).toBe("make");
    expect(lstatSync(join(tree, "bin/hard")).ino).toBe(lstatSync(join(tree, "bin/make")).ino);
    expect(lstatSync(join(tree, "bin/su")).mode & 0o7777).toBe(0o4755);
    expect(existsSync(join(tree, "dev/null"))).toBe(false);
  });

  test("owners are as in the archive, as far as this user has ids", async () => {
    const { tree } = await unpack(put("owners.tar", makeTar(base)));
    const owner = (name: string) => lstatSync(join(tree, name)).uid;
    expect(owner("bin/make")).toBe(caller.uid);
    if (caller.ownership === "real") expect([owner("etc/secret"), owner("etc/far")]).toEqual([42, 2000000]);
    if (caller.ownership === "single") expect([owner("etc/secret"), owner("etc/far")]).toEqual([caller.uid, caller.uid]);
    if (caller.ownership === "subordinate") expect(owner("etc/far") - owner("etc/secret")).toBe(65534 - 42);
    expect(lstatSync(join(tree, "etc/closed")).mode & 0o777).toBe(0o500);
  });

  test("docker's archive: layers in order with whiteouts, variables, folder", async () => {
    const { prepared, tree } = await unpack(put("docker.tar", dockerArchive([makeTar(base), makeTar(change)])));
    expect(prepared.config).toMatchObject({ env: { PATH: "/bin", OLD: "yes" }, workdir: "/src" });
    expect(prepared.programs).toContain("cc");
    expect(existsSync(join(tree, "etc/motd"))).toBe(false);
    expect(existsSync(join(tree, "etc/.wh.motd"))).toBe(false);
  });

  test("docker's archive compressed, and as an OCI archive and layout folder, is the same", async () => {
    const docker = put("docker2.tar", dockerArchive([makeTar(base), makeTar(change)]));
    const archive = join(folder, "oci.tar");
    const layout = join(folder, "layout");
    execFileSync("skopeo", ["copy", "-q", `docker-archive:${docker}`, `oci-archive:${archive}:old`]);
    execFileSync("skopeo", ["copy", "-q", `docker-archive:${docker}`, `oci:${layout}:old`]);
    execFileSync("chmod", ["-R", "a+rX", folder]);
    for (const file of [put("docker.gz", gzipSync(readFileSync(docker))), archive, layout]) {
      const { prepared, tree } = await unpack(file);
      expect(prepared.programs).toContain("cc");
      expect(prepared.config.env.OLD).toBe("yes");
      expect(existsSync(join(tree, "etc/motd"))).toBe(false);
    }
  });

  test("a hostile image writes nothing outside its tree", async () => {
    const target = join(caller.folder, "victim");
    mkdirSync(target, { recursive: true });
    const layers = [
      makeTar([...base, { path: "out", type: "2", link: target }, { path: "up", type: "2", link: "../../../../../../../../.." }]),
      makeTar([
        { path: "out/a", data: "a" },
        { path: `up${target}/b`, data: "b" },
        { path: `../../../../../../../..${target}/c`, data: "c" },
      ]),
    ];
    const { tree } = await unpack(put("hostile.tar", dockerArchive(layers)));
    for (const name of ["a", "b", "c"]) {
      expect(existsSync(join(target, name))).toBe(false);
      expect(existsSync(join(tree, target, name))).toBe(true);
    }
  });

  test.each([
    ["no archive", Buffer.from("hello"), /this is no tar file/],
    ["an empty file", Buffer.alloc(0), /this is an empty file/],
    ["an empty tar file", makeTar([]), /the archive is empty/],
    ["something else compressed", gzipSync("hello"), /this is gzip data, but no tar file within/],
    ["a squashfs image", Buffer.from("hsqs".padEnd(1000, ".")), /this is a squashfs image/],
    ["a cut archive", makeTar(base).subarray(0, 1540), /the archive is damaged: it ends in the middle/],
    ["a cut compressed archive", gzipSync(makeTar(base)).subarray(0, 200), /the archive is damaged: unexpected end of file/],
    ["a tree that is not at the top", makeTar([{ path: "root/bin/sh", data: "x" }]), /this is no root filesystem/],
    ["another architecture", dockerArchive([makeTar(base)], "s390x"), /is for s390x, this machine is/],
    [
      "a layer that is missing",
      makeTar([
        { path: "manifest.json", data: '[{"Config":"c.json","Layers":["l.tar"]}]' },
        { path: "c.json", data: "{}" },
      ]),
      /the image is damaged: l.tar is missing/,
    ],
    ["a damaged description", makeTar([{ path: "manifest.json", data: "[{" }]), /one of its descriptions is no JSON/],
  ])("%s is named, with the file, and nothing is left", async (what, bytes, error) => {
    const answer = await prepare(caller, { kind: "archive", file: put(`${what.replaceAll(" ", "-")}.bin`, bytes) });
    expect(answer.error).toMatch(error);
    expect(answer.error).toContain(folder);
    const left = execFileSync("find", [join(caller.env.XDG_DATA_HOME ?? "", "qpod/roots"), "-maxdepth", "1", "-name", "*.work"], {
      encoding: "utf8",
    });
    expect(left).toBe("");
  });

  test("an archive that is not there", async () => {
    const { error } = await prepare(caller, { kind: "archive", file: "/nowhere/x.tar" });
    expect(error).toBe("qpod: /nowhere/x.tar: there is no such archive");
  });
});
