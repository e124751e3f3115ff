import { chmodSync, existsSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Paths } from "../base/paths.ts";
import { copyTrees } from "./native.ts";
import { rawOf } from "./raw.ts";
import { markOf, type Scratch, storeOf } from "./scratch.ts";

/** Those without which hardly a program works; what they are is the kernel's, and so the same in every root. */
const devices = ["null", "zero", "full", "random", "urandom", "tty"];

/** Gives a copy of the system what is usually mounted, as far as it can be had without mounting. */
export async function furnishRoot(scratch: Scratch, paths: Paths): Promise<void> {
  const { merged } = storeOf(scratch);
  for (const path of ["/dev", "/proc", "/run", "/sys", "/tmp"]) mkdirSync(join(merged, path), { recursive: true });
  chmodSync(join(merged, "/tmp"), 0o1777);
  const missing = devices.map((name) => `/dev/${name}`).filter((path) => existsSync(path) && !existsSync(join(merged, path)));
  await copyTrees(
    missing.map((path) => [rawOf(path), rawOf(join(merged, path))]),
    "",
  );
  // What tells the launcher, and qpod itself, that they run in a scratch.
  const mark = join(merged, markOf(paths));
  mkdirSync(dirname(mark), { recursive: true, mode: 0o700 });
  writeFileSync(mark, JSON.stringify(scratch));
}
