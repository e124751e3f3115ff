import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { detectCompression, detectKind, looksLikeTar, mayBeImage, nameOther } from "../../../src/image/detect.ts";
import { checkArchitecture, hostArchitecture, parseImageConfig } from "../../../src/image/image-config.ts";
import { makeTar } from "./make-tar.ts";

describe("what a file is, by its content", () => {
  test("compression", () => {
    expect(detectCompression(gzipSync("x"))).toBe("gzip");
    expect(detectCompression(Buffer.from("28b52ffd00", "hex"))).toBe("zstd");
    expect(detectCompression(Buffer.from("fd377a585a0000", "hex"))).toBe("xz");
    expect(detectCompression(Buffer.from("BZh9"))).toBe("bzip2");
    expect(detectCompression(Buffer.from("x"))).toBe("none");
  });

  test("a tar file has a header whose checksum is right", () => {
    expect(looksLikeTar(makeTar([{ path: "a" }]))).toBe(true);
    expect(looksLikeTar(Buffer.from("no tar file".repeat(100)))).toBe(false);
    expect(looksLikeTar(Buffer.alloc(10))).toBe(false);
  });

  test("something else is named", () => {
    expect(nameOther(Buffer.from("hsqs...."))).toBe("a squashfs image");
    expect(nameOther(Buffer.alloc(0))).toBe("an empty file");
    expect(nameOther(Buffer.from("hello"))).toBe("no tar file");
  });

  test("a saved image is told from a root tree by the names at its top", () => {
    expect(detectKind(["blobs/", "index.json", "oci-layout"])).toBe("oci");
    expect(detectKind(["manifest.json", "repositories", "x.json"])).toBe("docker");
    expect(detectKind(["./manifest.json", "index.json", "oci-layout"])).toBe("docker");
    expect(detectKind(["./", "./bin", "./index.json"])).toBe("root");
    expect(["./", "blobs/sha256/aa", "oci-layout", `${"ab".repeat(32)}/layer.tar`].every(mayBeImage)).toBe(true);
    expect(["./bin", "etc/passwd", "x/manifest.json"].some(mayBeImage)).toBe(false);
  });
});

describe("an image's configuration", () => {
  test("variables, folder and architecture count; entry points and users do not", () => {
    const text = JSON.stringify({
      architecture: "amd64",
      config: { Env: ["PATH=/a:/b", "EMPTY=", "X=a=b\nc", "bad"], WorkingDir: "/src", Entrypoint: ["x"], User: "y" },
    });
    expect(parseImageConfig(text, "x")).toEqual({ env: { PATH: "/a:/b", EMPTY: "", X: "a=b\nc" }, workdir: "/src", architecture: "amd64" });
  });

  test("another architecture is refused with both names, unless it can be emulated", () => {
    expect(() => checkArchitecture(hostArchitecture(), "it", [])).not.toThrow();
    expect(() => checkArchitecture("s390x", "the image", [])).toThrow(`the image is for s390x, this machine is ${hostArchitecture()}`);
    expect(() => checkArchitecture("s390x", "the image", ["qemu-s390x"])).not.toThrow();
  });
});
