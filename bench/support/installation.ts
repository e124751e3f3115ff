import { chmodSync, cpSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

/** A copy of what was built, so that a build at the same time does not change what is measured. */
export class Installation {
  readonly folder = realpathSync(mkdtempSync(join(tmpdir(), "qpod-bench-installed-")));
  readonly program = join(this.folder, "bin/qpod");

  constructor() {
    chmodSync(this.folder, 0o755);
    for (const name of ["main.js", "explain.js", "start-pod.js", "whole", "package.json", "libraries", "help", "native"])
      cpSync(resolve("dist", name), join(this.folder, "dist", name), { recursive: true });
    mkdirSync(join(this.folder, "bin"));
    symlinkSync("../dist/native/qpod-launch", this.program);
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
