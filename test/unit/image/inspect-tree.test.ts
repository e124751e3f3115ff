import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { resolveInside } from "../../../src/image/inside.ts";
import { findPrograms, inspectTree } from "../../../src/image/inspect-tree.ts";

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "qpod-inspect-"));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

function put(path: string, text: string | Buffer = "", mode = 0o644): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
  chmodSync(join(root, path), mode);
}

function link(path: string, target: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  symlinkSync(target, join(root, path));
}

describe("programs of a tree", () => {
  test("executable files in PATH, through links of a merged /usr", () => {
    put("usr/bin/make", "", 0o755);
    put("usr/bin/notes");
    put("opt/old/cc", "", 0o755);
    link("bin", "usr/bin");
    link("usr/bin/gmake", "make");
    link("usr/bin/gcc", "/etc/alternatives/gcc");
    link("etc/alternatives/gcc", "/opt/old/cc");
    mkdirSync(join(root, "usr/bin/folder"));
    expect(findPrograms(root, "/usr/bin:/bin:/nowhere:relative")).toEqual(["gcc", "gmake", "make"]);
  });

  test("a link that leads out of the tree is looked up inside it", () => {
    mkdirSync(join(root, "bin"));
    link("bin/escape", "/bin/sh");
    link("bin/climb", "../../../../../../bin/sh");
    link("bin/loop", "loop");
    expect(findPrograms(root, "/bin")).toEqual([]);
    expect(resolveInside(root, "/bin/loop")).toBeUndefined();
    put("bin/sh", "", 0o755);
    expect(findPrograms(root, "/bin")).toEqual(["climb", "escape", "sh"]);
    expect(resolveInside(root, "/../../bin/climb")).toBe(join(root, "bin/sh"));
  });
});

describe("locales of a tree", () => {
  test("folders of locales are named in every spelling of UTF-8 that glibc takes", () => {
    put("usr/lib/locale/C.utf8/LC_CTYPE");
    put("usr/lib/locale/de_DE/LC_CTYPE");
    expect(inspectTree(root).locales).toEqual(["C", "C.UTF-8", "C.UTF8", "C.utf-8", "C.utf8", "POSIX", "de_DE"]);
  });

  test("the names in a locale-archive are read", () => {
    const bytes = Buffer.alloc(128);
    bytes.writeUInt32LE(0xde020109, 0);
    bytes.writeUInt32LE(56, 8);
    bytes.writeUInt32LE(2, 16);
    bytes.writeUInt32LE(1, 56);
    bytes.writeUInt32LE(100, 60);
    bytes.writeUInt32LE(120, 64);
    bytes.write("en_US.utf8\0", 100);
    put("usr/lib/locale/locale-archive", bytes);
    expect(inspectTree(root).locales).toContain("en_US.UTF-8");
  });

  test("a damaged archive has no names", () => {
    const bytes = Buffer.alloc(60, 255);
    bytes.writeUInt32LE(0xde020109, 0);
    put("usr/lib/locale/locale-archive", bytes);
    expect(inspectTree(root).locales).toEqual(["C", "POSIX"]);
  });

  test("musl has C.UTF-8 built in", () => {
    put("lib/ld-musl-x86_64.so.1");
    expect(inspectTree(root).locales).toEqual(["C", "C.UTF-8", "POSIX"]);
  });
});

test.each([
  ["etc/os-release", 'NAME=x\nPRETTY_NAME="CentOS Linux 7 (Core)"\n', "CentOS Linux 7 (Core)"],
  ["etc/redhat-release", "CentOS release 5.11 (Final)\n", "CentOS release 5.11 (Final)"],
  ["etc/debian_version", "6.0.10\n", "Debian 6.0.10"],
])("the release's name is read from %s", (path, text, name) => {
  put(path, text);
  expect(inspectTree(root).name).toBe(name);
});
