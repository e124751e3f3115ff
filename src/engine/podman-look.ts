import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspectTree, type TreeFacts } from "../image/inspect-tree.ts";
import { isCallerAlive, nameCaller } from "../launch/caller.ts";
import { nativeFile } from "../launch/locate.ts";
import { label } from "./container-names.ts";
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
      lookArguments(imageId, nativeFile("qpod-launch"), settableLimits(host), pidFile, nameCaller()),
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

/** Containers for a look whose caller was killed before it could remove them. */
export async function removeForgottenLooks(podman: Podman, dryRun: boolean): Promise<{ what: string; bytes: number }[]> {
  const { stdout } = await podman.call(["ps", "--all", "--filter", `label=${label.look}`, "--format", "json"]);
  const containers = JSON.parse(stdout || "[]") as { Id: string; Labels: Record<string, string> }[];
  const forgotten = containers.filter(({ Labels }) => !isCallerAlive(Labels[label.look] ?? ""));
  for (const { Id } of dryRun ? [] : forgotten) await podman.call(["rm", "--force", "--time", "0", Id]);
  return forgotten.map(({ Id }) => ({ what: `container ${Id.slice(0, 12)} of a look into an image`, bytes: 0 }));
}
