import { spawnSync } from "node:child_process";
import { chmodSync, cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { dirname, join } from "node:path";

const checkout = join(import.meta.dirname, "..", "..");

/** A copy of what `make build` made, which an ordinary user can reach and another build does not change meanwhile. */
export interface Installation {
  folder: string;
  /** For PATH: qpod, qpod-shell and the node that runs them. */
  path: string;
  qpod: string;
  remove(): void;
}

export function copyInstallation(): Installation {
  const folder = mkdtempSync("/var/tmp/qpod-installed-");
  chmodSync(folder, 0o755);
  const dist = join(folder, "dist");
  cpSync(join(checkout, "dist"), dist, { recursive: true });
  if (spawnSync(process.execPath, [join(dist, "main.js"), "--version"]).status !== 0) {
    rmSync(folder, { recursive: true });
    throw new Error("dist is half built: run `make build`, and no other build while tests begin");
  }
  mkdirSync(join(folder, "bin"));
  for (const name of ["qpod", "qpod-shell"]) symlinkSync("../dist/native/qpod-launch", join(folder, "bin", name));
  const folders = [join(folder, "bin"), dirname(process.execPath), "/usr/local/bin", "/usr/bin", "/bin"];
  return {
    folder,
    path: [...new Set(folders)].join(":"),
    qpod: join(folder, "bin", "qpod"),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
