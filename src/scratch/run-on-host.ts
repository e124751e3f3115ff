import { join } from "node:path";
import { QpodError, status } from "../base/errors.ts";
import type { Paths } from "../base/paths.ts";
import { visible } from "../base/text.ts";
import { isProgram, thisHost } from "../engine/host-view.ts";
import { runtimeLayout } from "../launch/layout.ts";
import { type Operation, op } from "../launch/operations.ts";
import { scratchOperations, sharedMounts } from "./operations.ts";
import { type Scratch, storeOf } from "./scratch.ts";

/**
 * The plan by which the program in front becomes a command of the host's that sees the folder with the changes.
 * @param argv the command; its words after the first are the last ones of the command line.
 */
export function planOnHost(scratch: Scratch, argv: readonly string[], directory: string, paths: Paths): Operation[] {
  const program = findProgram(argv[0] ?? "", paths);
  if (scratch.way !== "proot") {
    return [
      ...scratchOperations(scratch, paths, directory),
      { code: op.exec, numbers: [argv.length - 1], strings: [program, argv[0] ?? ""] },
    ];
  }
  const proot = thisHost().program("proot") ?? "proot";
  const { merged } = storeOf(scratch);
  const shown =
    scratch.folder === "/" ? ["-r", merged, ...sharedMounts().flatMap((path) => ["-b", path])] : ["-b", `${merged}:${scratch.folder}`];
  const words = [proot, ...shown, "-w", directory, program];
  // proot before 5.2 lets statx through to the real files; libc asks in the old way when there is none.
  return [{ code: op.hideStatx }, { code: op.exec, numbers: [argv.length - 1], strings: [proot, ...words] }];
}

/** As a shell finds it, but for our shims: they would ask again where it belongs. */
function findProgram(name: string, paths: Paths): string {
  if (name.includes("/")) return name;
  const { shims } = runtimeLayout(paths.runtime);
  const folders = (process.env.PATH ?? "/usr/local/bin:/usr/bin:/bin").split(":").filter((folder) => folder !== shims);
  const found = folders.map((folder) => join(folder || ".", name)).find(isProgram);
  if (found) return found;
  throw new QpodError({ fact: `${visible(name)}: command not found`, status: status.notFound });
}
