import { execFile } from "node:child_process";
import { existsSync, mkdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { withLock } from "../../src/base/lock.ts";

const cache = join(import.meta.dirname, "..", "tmp");
const packages = {
  bullseye: ["gcc", "g++", "make", "gdb", "python2", "libc6-dev", "libc6-dbg"],
  trixie: ["gdb", "libc6-dbg"],
};
type Release = keyof typeof packages;

/**
 * The folder of an old distribution's root tree: Debian bullseye with gcc, g++, make, gdb, python2 and libc's symbols. Made once and
 * kept; QPOD_TEST_ROOTFS names one that is there already.
 */
export async function testRootfs(): Promise<string> {
  const given = process.env.QPOD_TEST_ROOTFS;
  if (given) {
    if (!existsSync(join(given, "usr/bin/gdb"))) throw new Error(`QPOD_TEST_ROOTFS is ${given}: there is no usr/bin/gdb in it`);
    return given;
  }
  return keptTree("bullseye");
}

/** The same of a young distribution, for its gdb (16): Debian trixie with gdb and libc's symbols, and no compiler. */
export function youngRootfs(): Promise<string> {
  return keptTree("trixie");
}

async function keptTree(release: Release): Promise<string> {
  const tree = join(cache, release);
  if (existsSync(tree)) return tree;
  mkdirSync(cache, { recursive: true });
  // Suites run side by side, and the first of them needs minutes.
  await withLock(`${tree}.lock`, () => bootstrap(release, tree), { timeout: 1_800_000, what: "the tests' root tree" });
  return tree;
}

/** What was left half done is made again from the start. */
async function bootstrap(release: Release, tree: string): Promise<void> {
  if (existsSync(tree)) return;
  const half = `${tree}.half`;
  rmSync(half, { recursive: true, force: true });
  const options = ["--variant=minbase", "--format=directory", "--dpkgopt=force-unsafe-io", `--include=${packages[release].join(",")}`];
  await promisify(execFile)("mmdebstrap", [...options, release, half], { maxBuffer: 64 << 20 });
  renameSync(half, tree);
}
