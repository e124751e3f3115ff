import { existsSync } from "node:fs";
import { join } from "node:path";
import { QpodError } from "../base/errors.ts";

/** Finds a native file: beside the bundled main.js, or in the build folder of a source checkout. */
export function nativeFile(name: "qpod-launch" | "libqpod.so" | "libqpod-32.so"): string {
  const here = import.meta.dirname;
  const folders = [join(here, "native"), join(here, "..", "..", "dist", "native")];
  for (const folder of folders) {
    const path = join(folder, name);
    if (existsSync(path)) return path;
  }
  throw new QpodError({ fact: `${name} is not in ${folders.join(" nor in ")}`, remedy: "Run `make build`." });
}
