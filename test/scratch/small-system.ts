import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, realpathSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { Outcome } from "../support/sandbox.ts";

const busybox = ["/bin/busybox", "/usr/bin/busybox"];

/**
 * A whole system that is small enough to be copied: busybox, Node and qpod on a filesystem of its own, whose root may
 * change its root but not mount, as containers have it. The capability is truly gone.
 */
export class SmallSystem {
  readonly folder = mkdtempSync("/var/tmp/qpod-system-");

  constructor() {
    const node = realpathSync(process.execPath);
    const linker = execFileSync("ldd", [node], { encoding: "utf8" });
    const libraries = [...linker.matchAll(/\/\S+/g)].map(([path]) => path);
    for (const name of ["bin", "dev", "etc", "opt/bin", "proc", "root", "run", "src", "sys", "tmp"]) this.#makeFolder(name);
    for (const path of [node, ...libraries]) cpSync(realpathSync(path), join(this.folder, path), { recursive: true });
    cpSync(busybox.find((path) => spawnSync(path).status === 0) ?? "", join(this.folder, "bin/busybox"));
    execFileSync("cp", ["-R", "dist", join(this.folder, "opt/dist")]);
    execFileSync("ln", ["-s", "../dist/native/qpod-launch", join(this.folder, "opt/bin/qpod")]);
    this.#path = `${join(node, "..")}:/opt/bin:/bin`;
  }

  readonly #path: string;

  #makeFolder(name: string): void {
    mkdirSync(join(this.folder, name), { recursive: true });
  }

  /**
   * Runs a script of busybox's shell in it, as its root; what it leaves is gone afterwards.
   * @param times how much the filesystem holds: so many times the system.
   */
  run(script: string, times = 4): Outcome {
    const size = `${Math.round(Number.parseInt(execFileSync("du", ["-sk", this.folder], { encoding: "utf8" }), 10) * times)}k`;
    const inside = [
      'cp -R "$1"/. "$2"; mount -t proc proc "$2/proc"; mount --rbind /dev "$2/dev"',
      '"$2/bin/busybox" chroot "$2" /bin/busybox --install -s /bin',
      'exec env -i HOME=/root PATH="$3" setpriv --bounding-set -sys_admin --inh-caps -sys_admin "$4" chroot "$2" /bin/sh -c "$5"',
    ].join("\n");
    const mount = `mount -t tmpfs -o mode=755,size=${size} tmpfs /mnt && ${inside}`;
    const argv = ["--mount", "sh", "-c", mount, "sh", this.folder, "/mnt", this.#path, join(this.folder, "bin/busybox"), script];
    const { status, stdout, stderr } = spawnSync("unshare", argv, { encoding: "utf8" });
    return { status: status ?? -1, stdout, stderr };
  }

  remove(): void {
    rmSync(this.folder, { recursive: true });
  }
}
