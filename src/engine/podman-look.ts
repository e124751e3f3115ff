import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspectTree, type TreeFacts } from "../image/inspect-tree.ts";
import { nativeFile } from "../launch/locate.ts";
import { settableLimits } from "./host-limits.ts";
import type { HostView } from "./host-view.ts";
import { lookArguments } from "./podman-arguments.ts";
import type { Podman } from "./podman-call.ts";

/**
 * Looks at the files of an image by /proc/PID/root of a short-lived container: nothing of the image runs, and no
 * mount is needed, which an ordinary user could only make in a namespace of podman's.
 */
export async function lookIntoImage(podman: Podman, host: HostView, imageId: string, path?: string): Promise<TreeFacts> {
  const folder = mkdtempSync(join(tmpdir(), "qpod-look-"));
  const pidFile = join(folder, "pid");
  let container: string | undefined;
  try {
    container = await podman.callOrFail(
      lookArguments(imageId, nativeFile("qpod-launch"), settableLimits(host), pidFile),
      "podman cannot start the image",
      { remedy: "`qpod doctor` looks for the cause." },
    );
    const pid = readFileSync(pidFile, "utf8").trim();
    return inspectTree(`/proc/${pid}/root`, path);
  } finally {
    if (container) await podman.call(["rm", "--force", "--time", "0", container]);
    rmSync(folder, { recursive: true, force: true });
  }
}
