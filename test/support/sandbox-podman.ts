import { execFileSync, spawnSync } from "node:child_process";
import { chmodSync, chownSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { withLock } from "../../src/base/lock.ts";
import { type Person, runAs } from "./person.ts";
import { testRootfs } from "./rootfs.ts";

const cache = join(import.meta.dirname, "..", "tmp");
const superfluous = [
  "./tmp/*",
  "./proc/*",
  "./sys/*",
  "./dev/*",
  "./usr/lib/debug",
  "./usr/share/doc",
  "./usr/share/locale",
  "./usr/share/man",
  "./var/cache",
  "./var/lib/apt/lists",
];
/** What is left without these is enough to install packages. */
const compilers = [
  "./usr/include",
  "./usr/lib/gcc",
  "./usr/lib/python*",
  "./usr/lib/*/libicu*",
  "./usr/lib/*/lib[alt]san*",
  "./usr/lib/*/libpython*",
  "./usr/lib/*/*.a",
  "./usr/bin/*-linux-gnu-*",
  "./usr/bin/gdb",
];
/** What is left without these is enough for a shell and its usual commands. */
const tools = [...compilers, "./usr/share", "./usr/lib/*/perl*", "./usr/bin/*-*", "./var"];
const leftOut = { full: [], packages: compilers, small: tools } as const;
export type ArchiveSize = keyof typeof leftOut;

export function hasPodman(): boolean {
  return spawnSync("podman", ["--version"]).status === 0;
}

/** The tests' root tree as a tarball: podman takes no folder. Made once and kept. A small one has no compiler. */
export async function testArchive(size: ArchiveSize = "full"): Promise<string> {
  const file = join(cache, size === "full" ? "bullseye.tar" : `bullseye-${size}.tar`);
  mkdirSync(cache, { recursive: true });
  const rootfs = await testRootfs();
  const without = [...superfluous, ...leftOut[size]];
  await withLock(`${file}.lock`, () => pack(rootfs, file, without), { timeout: 600_000, what: "the tests' archive" });
  return file;
}

function pack(rootfs: string, file: string, without: readonly string[]): void {
  if (existsSync(file)) return;
  execFileSync("tar", ["-C", rootfs, "--one-file-system", ...without.map((path) => `--exclude=${path}`), "-cf", `${file}.half`, "."]);
  chmodSync(`${file}.half`, 0o644);
  renameSync(`${file}.half`, file);
}

function storeFolder(person: Person): string {
  return join(cache, `podman-${person.uid}`);
}

/**
 * Variables that give podman a store which one person's suites share, so that the archive is imported once. Its
 * database notes where its state is when it is made, so it is made from a folder that stays.
 */
export function podmanStore(person: Person): Record<string, string> {
  const folder = storeFolder(person);
  const [storage, containers] = [join(folder, "storage.conf"), join(folder, "containers.conf")];
  const variables = { CONTAINERS_STORAGE_CONF: storage, CONTAINERS_CONF: containers };
  if (existsSync(join(folder, "made"))) return variables;
  for (const name of ["", "run"]) {
    mkdirSync(join(folder, name), { recursive: true, mode: 0o700 });
    chownSync(join(folder, name), person.uid, person.gid);
  }
  const store = join(folder, "store");
  writeFileSync(
    storage,
    `[storage]\ndriver = "overlay"\ngraphroot = "${store}"\nrootless_storage_path = "${store}"\nrunroot = "${folder}/run/containers"\n`,
  );
  writeFileSync(containers, `[engine]\ntmp_dir = "${folder}/run/libpod"\n`);
  const env = { ...variables, HOME: folder, PATH: process.env.PATH ?? "", XDG_RUNTIME_DIR: join(folder, "run") };
  const { status, stderr } = runAs(person, ["podman", "info"], { cwd: "/", env });
  if (status !== 0) throw new Error(`podman does not work for ${person.name}: ${stderr}`);
  endPause(person);
  writeFileSync(join(folder, "made"), "");
  return variables;
}

/** Removes the containers of the work trees below a folder. */
export function removeContainers(person: Person, folder: string, env: Record<string, string>): void {
  const podman = (...args: string[]) => runAs(person, ["podman", ...args], { cwd: "/", env });
  const containers = JSON.parse(podman("ps", "--all", "--format", "json").stdout || "[]") as {
    Id: string;
    Labels: Record<string, string> | null;
  }[];
  const own = containers.filter(({ Labels }) => Labels?.["io.qpod.worktree"]?.startsWith(folder)).map(({ Id }) => Id);
  if (own.length > 0) podman("rm", "--force", "--time", "0", ...own);
}

/** The same of docker's, by whoever may use its daemon. */
export function removeDockerContainers(folder: string, env: Record<string, string>): void {
  const docker = (...args: string[]) => execFileSync("docker", args, { encoding: "utf8", env: { ...process.env, ...env } });
  const format = '{{.ID}} {{.Label "io.qpod.worktree"}}';
  const own = docker("ps", "--all", "--format", format)
    .split("\n")
    .map((line) => line.split(" "))
    .filter(([, worktree]) => worktree?.startsWith(folder))
    .map(([id = ""]) => id);
  if (own.length > 0) docker("rm", "--force", "--volumes", ...own);
}

/** podman leaves an ordinary user a process that holds their namespace; the next call makes it again. */
export function endPause(person: Person): void {
  try {
    const pid = Number(readFileSync(join(storeFolder(person), "run/libpod/pause.pid"), "utf8"));
    if (/^(catatonit|podman)/.test(readFileSync(`/proc/${pid}/comm`, "utf8"))) process.kill(pid);
  } catch {
    // Root has none.
  }
}
