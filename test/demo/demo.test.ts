import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { asPerson, findPeople, type Person } from "../support/person.ts";

const checkout = join(import.meta.dirname, "..", "..");
const MINUTES = 60_000;

/** Nobody knows this uid, so it has no subordinate ids: its environment is made with one id alone. */
const stranger: Person = { name: "a user without subordinate ids", uid: 64_001, gid: 64_001 };
const people = process.getuid?.() === 0 ? [...findPeople(), stranger] : findPeople();

/** What git has and what `make build` made, with their times, so that nothing is built again. */
function copyCheckout(person: Person): string {
  const folder = mkdtempSync("/var/tmp/qpod-demo-");
  const names = execFileSync("git", ["-C", checkout, "ls-files", "--cached", "--others", "--exclude-standard", "-z"], { encoding: "utf8" });
  const files = names.split("\0").filter((name) => name && existsSync(join(checkout, name)));
  const list = [...files, "node_modules", "dist", "bin"].join("\0");
  const archive = execFileSync("tar", ["-C", checkout, "--null", "-T", "-", "-c"], { input: list, maxBuffer: 2 ** 30 });
  execFileSync("tar", ["-C", folder, "-x", "--no-same-owner"], { input: archive });
  execFileSync("chown", ["-R", `${person.uid}:${person.gid}`, folder]);
  return folder;
}

describe.each(people)("make demo, as $name", (person) => {
  let folder = "";
  const make = (target: string) => {
    const words = ["make", "--no-print-directory", target];
    const asStranger = ["setpriv", "--reuid", `${person.uid}`, "--regid", `${person.gid}`, "--clear-groups", "--", ...words];
    const [program = "", ...args] = person === stranger ? asStranger : asPerson(person, words);
    const env = { PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", HOME: join(folder, ".home"), LANG: "C.UTF-8" };
    const { status, stdout, stderr } = spawnSync(program, args, { cwd: folder, env, encoding: "utf8" });
    return { status, output: stdout + stderr };
  };

  beforeAll(() => {
    folder = copyCheckout(person);
  }, 5 * MINUTES);

  afterAll(() => {
    if (!folder) return;
    make("clean");
    rmSync(folder, { recursive: true, force: true });
  }, 5 * MINUTES);

  test("shows that old code fails on the host, and is built, run and debugged in its environment", { timeout: 20 * MINUTES }, () => {
    const { status, output } = make("demo");
    expect(status, output).toBe(0);
    const [, host = "", session = ""] = output.split(/==> on this system it does not build|==> a session in qpod-shell.*/);
    expect(host).toMatch(/\(exit status 2\)/);
    expect(session).toMatch(/showsrs: built by g\+\+ \(Debian 10\./);
    expect(session).toContain("+proj=tmerc +lat_0=49 +lon_0=-2 +k=0.9996012717 +x_0=400000 +y_0=-100000");
    expect(session).toMatch(/Breakpoint 1, OGRSpatialReference::exportToProj4 .* at ogr\/ogr_srs_proj4\.cpp:\d+\n\d+\t.*GetAttrValue/);
    expect(session).toMatch(/#1 .* in main .* at showsrs\.cpp:\d+/);
    expect(session).toContain("srs 0.2.20, as it was in January 2013");
    expect(output).toMatch(/==> done/);
  });

  test("takes seconds the second time, and ends its pods", { timeout: 5 * MINUTES }, () => {
    const start = Date.now();
    const { status, output } = make("demo");
    expect(status, output).toBe(0);
    expect(Date.now() - start).toBeLessThan(60_000);
    expect(execFileSync("ps", ["-eo", "args"], { encoding: "utf8" })).not.toContain(folder);
  });

  test("make clean leaves nothing of it", { timeout: 5 * MINUTES }, () => {
    const { status, output } = make("clean");
    expect(status, output).toBe(0);
    expect(["build", "dist", "node_modules"].filter((name) => existsSync(join(folder, name)))).toEqual([]);
  });
});
