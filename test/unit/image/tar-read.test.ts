import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type TarEntry, TarReader } from "../../../src/image/tar-read.ts";
import { encodeEntry, endOfTar, padding } from "../../../src/image/tar-write.ts";
import { type Member, makeTar } from "./make-tar.ts";

function read(bytes: Buffer, chunk = bytes.length): { entry: TarEntry; data: string }[] {
  const found: { entry: TarEntry; data: string }[] = [];
  const reader = new TarReader("x.tar", {
    entry: (entry) => found.push({ entry, data: "" }),
    data(part) {
      const last = found.at(-1);
      if (last) last.data += part.toString("latin1");
    },
  });
  for (let at = 0; at < bytes.length; at += chunk) reader.write(bytes.subarray(at, at + chunk));
  reader.finish();
  return found;
}

const long = `${"d".repeat(90)}/${"f".repeat(120)}`;

describe("reading a tar file", () => {
  test("names, types, data and owners come out whatever the size of the pieces", () => {
    const bytes = makeTar([
      { path: "a/", type: "5", mode: 0o755 },
      { path: "a/b", data: "x".repeat(1000), uid: 33 },
      { path: "pax", pax: { path: long, uid: "3000000" }, data: "y" },
      { path: "l", type: "2", link: "a/b" },
    ]);
    for (const chunk of [1, 7, 511, 512, 513, 4096, bytes.length]) {
      const found = read(bytes, chunk);
      expect(found.map(({ entry }) => [entry.type, entry.path, entry.uid])).toEqual([
        ["5", "a/", 0],
        ["0", "a/b", 33],
        ["0", long, 3000000],
        ["2", "l", 0],
      ]);
      expect(found.map(({ data }) => data.length)).toEqual([0, 1000, 1, 0]);
    }
  });

  test("GNU's long names are read", () => {
    const found = read(
      makeTar([
        { path: "././@LongLink", type: "L", data: `${long}\0` },
        { path: "short", data: "z" },
      ]),
    );
    expect(found.map(({ entry }) => entry.path)).toEqual([long]);
  });

  test("a missing end marker and last padding are no fault, a cut member is", () => {
    expect(read(makeTar([{ path: "a", data: "1" }], { end: false }))).toHaveLength(1);
    expect(read(makeTar([{ path: "a", data: "abc" }], { end: false }).subarray(0, 515))[0]?.data).toBe("abc");
    const bytes = makeTar([{ path: "a", data: "1".repeat(2000) }]);
    expect(() => read(bytes.subarray(0, 1500))).toThrow(/ends in the middle/);
    expect(() => read(bytes.subarray(0, 300))).toThrow(/ends in the middle/);
  });

  test("garbage is named as such, with its place", () => {
    expect(() => read(Buffer.alloc(2048, 7))).toThrow(/header at byte 0 is not one of a tar file/);
  });

  test("a record that would fill the memory is refused", () => {
    const bytes = makeTar([{ path: "x", type: "L", data: Buffer.alloc((1 << 20) + 1, 65) }]);
    expect(() => read(bytes)).toThrow(/record at byte 0 is 1048577 bytes/);
  });

  test("random bytes are read or refused, never a crash", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 3000 }), fc.integer({ min: 1, max: 700 }), (noise, at) => {
        const bytes = Buffer.concat([
          makeTar([
            { path: "a", data: "1" },
            { path: "b", pax: { path: long } },
          ]),
        ]);
        bytes.set(noise.subarray(0, Math.max(0, bytes.length - at)), at);
        try {
          read(bytes);
        } catch (error) {
          expect((error as Error).name).toBe("QpodError");
        }
      }),
    );
  });
});

describe("writing entries again", () => {
  const again = (member: Member, as: { path: string; uid?: number; gid?: number }) => {
    const [one] = read(makeTar([member]));
    if (!one) throw new Error("nothing read");
    const { entry } = one;
    const header = encodeEntry(entry, { type: entry.type, linkPath: entry.linkPath, uid: 0, gid: 0, ...as });
    return read(Buffer.concat([header, Buffer.from(one.data, "latin1"), padding(entry.size), endOfTar]))[0];
  };

  test("any name, owner and data survive", () => {
    const name = fc
      .string({ minLength: 1, maxLength: 300, unit: "grapheme" })
      .map((text) => Buffer.from(text.replaceAll("\0", "_")).toString("latin1"));
    fc.assert(
      fc.property(name, fc.integer({ min: 0, max: 2 ** 32 - 2 }), fc.string({ maxLength: 2000 }), (path, uid, data) => {
        const found = again({ path: "x", data }, { path, uid });
        expect(found?.entry.path).toBe(path);
        expect(found?.entry.uid).toBe(uid);
        expect(Buffer.from(found?.data ?? "", "latin1").toString()).toBe(data);
      }),
    );
  });

  test("of the extended attributes only file capabilities pass", () => {
    const pax = {
      "SCHILY.xattr.security.capability": "c",
      "SCHILY.xattr.trusted.overlay.redirect": "/etc",
      "SCHILY.xattr.user.overlay.opaque": "y",
    };
    const found = again({ path: "x", pax }, { path: "x" });
    expect([...(found?.entry.pax.keys() ?? [])]).toEqual(["SCHILY.xattr.security.capability"]);
  });
});
