import { existsSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { QpodError } from "../base/errors.ts";

/** Finds a native file: beside the bundled main.js or its library's folder, or in the build folder of a source checkout. */
export function nativeFile(name: "qpod-launch" | "libqpod.so" | "libqpod-32.so"): string {
  const here = import.meta.dirname;
  const folders = [join(here, "native"), join(here, "..", "native"), join(here, "..", "..", "dist", "native")];
  for (const folder of folders) {
    const path = join(folder, name);
    if (existsSync(path)) return path;
  }
  throw new QpodError({ fact: `${name} is not in ${folders.join(" nor in ")}`, remedy: "Run `make build`." });
}

/** The folder of qpod's own programs: commands in it always run on the host. */
export function programFolder(): string {
  return dirname(dirname(nativeFile("qpod-launch")));
}

/** Where qpod lives, for people: the checkout, or the folder it was installed in. */
export function qpodFolder(): string {
  const folder = programFolder();
  return basename(folder) === "dist" ? dirname(folder) : folder;
}

/** argv that starts the qpod command without a shell and without looking anything up. */
export function qpodProgram(): string[] {
  return [process.execPath, join(programFolder(), "main.js")];
}
