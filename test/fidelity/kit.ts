import { execFileSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { withLock } from "../../src/base/lock.ts";
import { dockerMember } from "../support/docker-daemon.ts";
import { copyInstallation } from "../support/installation.ts";
import { findPeople } from "../support/person.ts";
import type { Kit } from "./way.ts";

const native = join(import.meta.dirname, "native");

/** What all ways are tried with. `sources` is where native/ lies, when this runs bundled. */
export function makeKit(tree: string, archive: () => Promise<string>, sources = native): Kit & { remove(): void } {
  const [root, ordinary = root] = findPeople();
  if (!root || !ordinary) throw new Error("there is nobody to be");
  const folder = mkdtempSync("/var/tmp/qpod-fidelity-kit-");
  chmodSync(folder, 0o755);
  const installation = copyInstallation();
  const flags = ["-std=gnu11", "-O2", "-Wall", "-Wextra", "-Werror"];
  const [caller, probe] = [join(folder, "caller"), join(folder, "probe")];
  execFileSync("cc", [...flags, "-o", caller, join(sources, "caller.c")]);
  execFileSync("musl-gcc", [...flags, "-static", "-s", "-o", probe, join(sources, "probe.c")]);
  return {
    installation,
    person: (as) => (as === "member" ? dockerMember() : as === "root" ? root : ordinary),
    tree,
    archive,
    programs: { caller, probe },
    remove() {
      installation.remove();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

const packages =
  "make,gdb,vim-tiny,less,sudo,passwd,bash,bash-completion,bzip2,curl,dialog,diffutils,findutils,gnupg,hostname,keyutils,locales,mount,ncurses-base,pinentry-curses,procps,tzdata,util-linux,wget,bc,apt-utils,time,libcap2-bin,lsof,tree,dbus";

/**
 * One root tree for all: with what distrobox would fetch in its first start, and as new as toolbox needs, whose
 * program of the host runs inside. Made once and kept.
 */
export async function peersTree(cache: string): Promise<string> {
  const tree = join(cache, "fidelity-root");
  mkdirSync(cache, { recursive: true });
  await withLock(`${tree}.lock`, () => bootstrap(tree), { timeout: 900_000, what: "the peers' root tree" });
  return tree;
}

async function bootstrap(tree: string): Promise<void> {
  if (existsSync(tree)) return;
  const release = execFileSync("sh", ["-c", '. /etc/os-release; echo "$VERSION_CODENAME"'], { encoding: "utf8" }).trim();
  rmSync(`${tree}.half`, { recursive: true, force: true });
  const options = ["--variant=minbase", "--format=directory", "--dpkgopt=force-unsafe-io", `--include=${packages}`];
  execFileSync("mmdebstrap", [...options, release, `${tree}.half`], { stdio: ["ignore", "ignore", "pipe"] });
  renameSync(`${tree}.half`, tree);
}

export async function packTree(tree: string): Promise<string> {
  const file = `${tree}.tar`;
  if (existsSync(file)) return file;
  const without = ["./dev/*", "./proc/*", "./sys/*", "./tmp/*"].map((path) => `--exclude=${path}`);
  execFileSync("tar", ["-C", tree, "--one-file-system", ...without, "-cf", `${file}.half`, "."]);
  chmodSync(`${file}.half`, 0o644);
  renameSync(`${file}.half`, file);
  return file;
}
