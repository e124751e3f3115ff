import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import type { Bootstrap } from "../../src/image/mirrors.ts";
import { findMirror } from "../../src/image/mirrors.ts";
import { type Caller, close, hasTools, makeCallers, prepare } from "./callers.ts";

const bullseye: Bootstrap = { kind: "bootstrap", distribution: "debian", release: "bullseye", packages: ["make"], components: ["main"] };
const able = hasTools("mmdebstrap", "setpriv") && (await findMirror(bullseye).then(Boolean, () => false));
const callers = able ? makeCallers() : [];
afterAll(close);

/** A mirror that sends its callers to another one, but for what has left it. */
async function startMirror(behind: string, lost: RegExp): Promise<{ uri: string; server: Server }> {
  const server = createServer((request, response) => {
    if (lost.test(request.url ?? "")) response.writeHead(404).end();
    else response.writeHead(302, { location: behind + request.url }).end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { uri: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, server };
}

describe.each(callers)("a bootstrap from the distribution's packages, for $name", (caller: Caller) => {
  test("makes a tree with the packages, with progress", async () => {
    const { prepared, error, said } = await prepare(caller, bullseye);
    expect(error).toBeUndefined();
    expect(prepared?.programs).toEqual(expect.arrayContaining(["make", "dpkg", "bash"]));
    expect(prepared?.locales).toContain("C.UTF-8");
    expect(prepared?.tree?.ownership).toBe(caller.ownership);
    expect(said.join("\n")).toMatch(/fetching \S+ \(\d+ of \d+\)[\s\S]*installing make \(\d+ of \d+\)/);
    const tree = prepared?.tree?.folder ?? "";
    expect(readFileSync(join(tree, "etc/debian_version"), "latin1")).toMatch(/^11\./);
    expect(existsSync(join(tree, "etc/apt/apt.conf.d/99mmdebstrap"))).toBe(false);
    // They were only lent.
    expect([readdirSync(join(tree, "proc")), readdirSync(join(tree, "sys"))]).toEqual([[], []]);
    expect(spawnSync("chroot", [tree, "make", "--version"], { encoding: "utf8" }).stdout).toContain("GNU Make 4.3");
  });

  test("a package that does not exist is named with the release", async () => {
    const { error } = await prepare(caller, { ...bullseye, packages: ["nosuchpackage"] });
    expect(error).toMatch(/^qpod: debian bullseye at http\S+ has no package nosuchpackage\n {2}Check `packages:`/);
  });

  test("a package that left the mirror is named with what to do", async () => {
    const { uri } = await findMirror(bullseye);
    const mirror = await startMirror(uri, /\/hello_/);
    const { error } = await prepare(caller, { ...bullseye, packages: ["hello"], mirror: mirror.uri }).finally(() => mirror.server.close());
    expect(error).toMatch(/no longer has all of debian bullseye: hello_\S+\.deb is missing\n {2}Choose another mirror with `mirror:`/);
  });

  test("a release that is nowhere is an error that lists what was tried", async () => {
    const { error } = await prepare(caller, { ...bullseye, release: "nosuchrelease" });
    expect(error).toMatch(/^qpod: debian nosuchrelease was not found: tried http\S+ \(404 Not Found\), .*archive\.debian\.org/);
  });
});
