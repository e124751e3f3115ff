/**
 * Prints what the preload library costs per vfork and exec of /bin/true, next to DESIGN's budgets, and beside an
 * empty library, which is what any LD_PRELOAD costs. From the checkout's top, after a build.
 */

import { execFileSync, spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { SESSION_LIBRARY } from "../../src/launch/layout.ts";
import { Session } from "../../test/preload/session.ts";

const rounds = process.argv[2] ?? "200";
const session = new Session();
const bench = join(session.folder, "exec-cost");
execFileSync("cc", ["-O2", "-o", bench, "bench/native/exec-cost.c"]);

const deep = (root: string) => {
  const folder = join(root, ...Array.from({ length: 40 }, (_, i) => `d${i}`));
  mkdirSync(folder, { recursive: true });
  return folder;
};
const many = () =>
  session.writePolicy({
    trees: [...Array.from({ length: 9999 }, (_, i) => session.tree(`/home/user/repository-${i}`)), session.tree(session.repository)],
  });

/** The same without `$LIB`, for which glibc reads /proc/self/exe at each start. */
const plain = join(session.base, "plain", SESSION_LIBRARY);
session.makeFolder("run/plain");
copyFileSync("dist/native/libqpod.so", plain);
const empty = join(session.folder, "empty.so");
const link = ["-z,noseparate-code", "-z,norelro", "-z,now", "--hash-style=gnu", "--build-id=none"].map((flag) => `-Wl,${flag}`);
execFileSync("cc", ["-shared", "-nostdlib", "-s", ...link, "-x", "c", "-o", empty, "/dev/null"]);

function measure(what: string, cwd: string, budget: number, library = plain) {
  const result = spawnSync(bench, [library, rounds, "/bin/true"], { cwd, encoding: "utf8" });
  if (result.status !== 0) throw new Error(`${what}: ${result.stderr}`);
  const [without = "", loaded = "", more = ""] = result.stdout.trim().split(" ");
  const verdict = Number(more) <= budget ? "within" : "OVER";
  console.log(`${what.padEnd(44)} ${without} us, ${loaded} us: +${more} us, ${verdict} the budget of ${budget}`);
}

try {
  measure("an empty library", session.outside, 20, empty);
  measure("outside, 1 tree", session.outside, 20);
  measure("outside, 1 tree, by way of $LIB", session.outside, 20, session.preload);
  measure("inside, 1 tree", session.repository, 30);
  measure("inside, depth 40", deep(session.repository), 30);
  many();
  measure("outside, 10,000 trees", session.outside, 20);
  measure("inside, 10,000 trees, depth 40", deep(session.repository), 30);
  session.writePolicy({ environment: { commands: ["make", "true"] } });
  measure("outside, a named command", session.outside, 20);
  measure("outside, a named command, depth 40", deep(session.outside), 20);
} finally {
  session.remove();
  rmSync(bench, { force: true });
}
