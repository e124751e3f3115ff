import { execFile, spawnSync } from "node:child_process";
import { chmodSync, cpSync, existsSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import type { Bootstrap } from "../../src/image/mirrors.ts";
import { findMirror } from "../../src/image/mirrors.ts";
import { type Caller, close, hasTools, makeCallers, prepare, publicFolder } from "./callers.ts";
import { type LocalArchive, serveArchive } from "./local-archive.ts";

const bullseye: Bootstrap = { kind: "bootstrap", distribution: "debian", release: "bullseye", packages: ["make"], components: ["main"] };
const able = hasTools("mmdebstrap", "setpriv") && (await findMirror(bullseye).then(Boolean, () => false));
const callers = able ? makeCallers() : [];
afterAll(close);

/** A caller of this host as it would be without mmdebstrap: a folder of links to all other programs is their PATH. */
function withoutMmdebstrap(caller: Caller): Caller {
  const folder = publicFolder();
  for (const from of ["/usr/sbin", "/usr/bin"]) {
    for (const name of readdirSync(from)) {
      if (name !== "mmdebstrap" && !existsSync(join(folder, name))) symlinkSync(join(from, name), join(folder, name));
    }
  }
  return { ...caller, env: { ...caller.env, PATH: folder } };
}

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

const archiveTools = able && hasTools("gpg", "debootstrap");
if (!archiveTools) test.skip("the archive of a distribution: needs root, a mirror, mmdebstrap, debootstrap and gpg");

describe.runIf(archiveTools)("the archive of a distribution, of releases that left the mirrors", () => {
  const [root, , single] = callers as [Caller, Caller, Caller];
  let archive: LocalArchive;
  let unsigned: LocalArchive;
  let left: Bootstrap;

  beforeAll(async () => {
    // The packages of the bootstraps above, or the same once more.
    const debs = join(root.env.XDG_DATA_HOME ?? "", "qpod/debs/debian-bullseye");
    if (!existsSync(debs)) await prepare(root, bullseye);
    const copy = publicFolder();
    cpSync(debs, copy, { recursive: true });
    chmodSync(copy, 0o755);
    archive = await serveArchive(copy, publicFolder(), "bullseye");
    unsigned = await serveArchive(copy, publicFolder(), "bullseye", false);
    left = { ...bullseye, mirror: `${archive.uri}/mirror`, archive: archive.uri };
  });

  afterAll(() => {
    archive?.close();
    unsigned?.close();
  });

  test("is taken though it is out of date, by debootstrap where mmdebstrap is missing; apt inside accepts what was accepted", async () => {
    // debootstrap has dpkg write everything through to the disk, which takes minutes on a busy one.
    const memory = publicFolder();
    spawnSync("mount", ["-t", "tmpfs", "-o", "mode=755", "none", memory]);
    onTestFinished(() => void spawnSync("umount", [memory]));
    const caller = withoutMmdebstrap({ ...root, env: { ...root.env, XDG_DATA_HOME: memory } });
    const { prepared, error, said } = await prepare(caller, { ...left, keyring: archive.keyring });
    expect(error).toBeUndefined();
    expect(said).toContain(`bootstrapping debian bullseye from ${archive.uri}`);
    expect(said.filter((line) => line.startsWith("!"))).toEqual([]);
    expect(said.join("\n")).toMatch(/fetching \S+[\s\S]*unpacking \S+[\s\S]*installing \S+/);
    const tree = prepared?.tree?.folder ?? "";
    expect(readFileSync(join(tree, "etc/debian_version"), "latin1")).toMatch(/^11\./);
    expect(readdirSync(join(tree, "proc"))).toEqual([]);
    expect(prepared?.programs).toEqual(expect.arrayContaining(["apt-get", "bash", "make"]));
    const update = await promisify(execFile)("chroot", [tree, "apt-get", "-o", "APT::Sandbox::User=root", "update"]);
    expect(update.stderr).toBe("");
  });

  test("cannot be bootstrapped by debootstrap for a user with one id, which is said with what to do", async () => {
    expect((await prepare(withoutMmdebstrap(single), left)).error).toBe(
      "qpod: debootstrap cannot work with one id alone (/etc/subuid has no line for qpodtest-single)\n" +
        "  Install mmdebstrap, or get subordinate ids: see `qpod doctor`.",
    );
  });

  test("without a signature is refused, and taken by who says so, with a warning", async () => {
    const definition: Bootstrap = { ...bullseye, mirror: `${unsigned.uri}/mirror`, archive: unsigned.uri };
    expect((await prepare(single, definition)).error).toMatch(/cannot be checked: .*\n {2}Name the keys with `keyring:`.*`trusted: true`/);
    const { prepared, error, said } = await prepare(single, { ...definition, trusted: true });
    expect(error).toBeUndefined();
    expect(said.filter((line) => line.startsWith("!"))).toEqual([
      `! nothing shows that ${unsigned.uri} has the real debian bullseye: it is trusted unchecked, as the environment says`,
    ]);
    const sources = readFileSync(join(prepared?.tree?.folder ?? "", "etc/apt/sources.list"), "utf8");
    expect(sources).toBe(`deb [trusted=yes] ${unsigned.uri} bullseye main\n`);
  });

  test("signed by an unknown key is refused with what to do", async () => {
    const { error } = await prepare(root, left);
    expect(error).toMatch(
      /^qpod: the signature of debian bullseye at \S+ cannot be checked: NO_PUBKEY \w+\n {2}Name the keys with `keyring:`/,
    );
  });

  test("that is called a mirror is out of date, which is said with what to do", async () => {
    // As apt is by default, whatever this machine's administrator has set.
    const settings = join(publicFolder(), "apt.conf");
    writeFileSync(settings, 'Dir::Etc::main "/dev/null";\nDir::Etc::parts "/dev/null";\n');
    const caller = { ...root, env: { ...root.env, APT_CONFIG: settings } };
    const { error } = await prepare(caller, { ...bullseye, mirror: archive.uri, keyring: archive.keyring });
    expect(error).toMatch(/ is out of date\n {2}If it is an archive, call it `archive:`/);
  });

  test("which lacks a package, names it with its release", async () => {
    archive.lost = /\/tar_/;
    rmSync(join(root.env.XDG_DATA_HOME ?? "", "qpod/debs/debian-bullseye"), { recursive: true });
    const { error } = await prepare(root, { ...left, keyring: archive.keyring }).finally(() => (archive.lost = /^$/));
    expect(error).toMatch(/no longer has all of debian bullseye: tar_\S+\.deb is missing\n {2}Choose another mirror with `mirror:`/);
  });

  test("whose keyring is missing, or is none, is said before anything is asked", async () => {
    const file = join(publicFolder(), "none.gpg");
    expect((await prepare(root, { ...left, keyring: file })).error).toBe(
      `qpod: ${file}: there is no such keyring\n  \`keyring:\` under \`bootstrap:\` names it.`,
    );
    writeFileSync(file, "not a key");
    expect((await prepare(root, { ...left, keyring: file })).error).toContain("this is no keyring that apt can read");
  });
});
