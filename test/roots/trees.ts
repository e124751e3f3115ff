import { execFileSync } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, realpathSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

const fixtures = join(import.meta.dirname, "fixtures");

/** Debian's `busybox-static`; the plain one needs a libc. */
export const hasBusybox =
  existsSync("/bin/busybox") && !execFileSync("readelf", ["-lW", "/bin/busybox"], { encoding: "utf8" }).includes("INTERP");

/** Builds a program of the fixtures at a path. */
export function compile(name: string, to: string, flags: readonly string[], compiler = "cc"): string {
  mkdirSync(dirname(to), { recursive: true });
  execFileSync(compiler, ["-O1", ...flags, "-o", to, join(fixtures, `${name}.c`)]);
  return to;
}

/** busybox and the names of its applets; not one other file, and no other folder. */
export function busyboxTree(folder: string): string {
  mkdirSync(join(folder, "bin"), { recursive: true });
  copyFileSync("/bin/busybox", join(folder, "bin/busybox"));
  for (const name of ["sh", "ls", "cat", "id", "env", "pwd", "echo"]) symlinkSync("busybox", join(folder, "bin", name));
  return folder;
}

/** One static program, and nothing else: no shell, no /etc, no /tmp, no locale. */
export function bareTree(folder: string): string {
  compile("tell", join(folder, "bin/tell"), ["-static"]);
  return folder;
}

/** musl and a program that is linked to it. */
export function muslTree(folder: string): string {
  compile("tell", join(folder, "usr/bin/tell"), [], "musl-gcc");
  mkdirSync(join(folder, "lib"), { recursive: true });
  const linker = `ld-musl-${process.arch === "arm64" ? "aarch64" : "x86_64"}.so.1`;
  copyFileSync(realpathSync(`/lib/${linker}`), join(folder, "lib", linker));
  return folder;
}

export function ancientTree(folder: string): string {
  compile("ancient", join(folder, "bin/make"), [
    "-m32",
    "-static",
    "-nostdlib",
    "-fno-stack-protector",
    "-fno-pie",
    "-no-pie",
    "-mno-sse",
    "-march=i386",
  ]);
  return folder;
}

const arm64Code = "200080d2e1000010c20080d2080880d2010000d4e00080d2a80b80d2010000d461726d36340a";

/** A program for arm64, without an assembler for it: writes "arm64" and ends with status 7. */
export function arm64Program(): Buffer {
  const code = Buffer.from(arm64Code, "hex");
  const header = Buffer.alloc(120);
  header.write("\x7fELF\x02\x01\x01", 0, "latin1");
  header.writeUInt16LE(2, 16); // an executable
  header.writeUInt16LE(183, 18); // for AArch64
  header.writeUInt32LE(1, 20);
  header.writeBigUInt64LE(0x400078n, 24); // begins behind the headers
  header.writeBigUInt64LE(64n, 32);
  header.writeUInt16LE(64, 52);
  header.writeUInt16LE(56, 54);
  header.writeUInt16LE(1, 56);
  header.writeUInt32LE(1, 64); // one segment, read and executed
  header.writeUInt32LE(5, 68);
  header.writeBigUInt64LE(0x400000n, 80);
  header.writeBigUInt64LE(0x400000n, 88);
  header.writeBigUInt64LE(BigInt(120 + code.length), 96);
  header.writeBigUInt64LE(BigInt(120 + code.length), 104);
  header.writeBigUInt64LE(0x1000n, 112);
  return Buffer.concat([header, code]);
}

export function arm64Tree(folder: string): string {
  mkdirSync(join(folder, "bin"), { recursive: true });
  writeFileSync(join(folder, "bin/sh"), arm64Program(), { mode: 0o755 });
  writeFileSync(join(folder, "bin/make"), arm64Program(), { mode: 0o755 });
  return folder;
}

/** An image as `docker save` writes it, of a tree and a configuration. */
export function saveImage(tree: string, config: object, architecture: string, file: string): string {
  const scratch = `${file}.d`;
  mkdirSync(scratch, { recursive: true });
  execFileSync("tar", ["-C", tree, "--owner=0", "--group=0", "-cf", join(scratch, "layer.tar"), "."]);
  const sum = execFileSync("sha256sum", [join(scratch, "layer.tar")], { encoding: "utf8" }).slice(0, 64);
  const rootfs = { type: "layers", diff_ids: [`sha256:${sum}`] };
  writeFileSync(
    join(scratch, "config.json"),
    JSON.stringify({ architecture, os: "linux", config, rootfs, history: [{ created_by: "a test" }] }),
  );
  writeFileSync(join(scratch, "manifest.json"), JSON.stringify([{ Config: "config.json", RepoTags: ["odd:1"], Layers: ["layer.tar"] }]));
  execFileSync("tar", ["-C", scratch, "-cf", file, "manifest.json", "config.json", "layer.tar"]);
  return file;
}
