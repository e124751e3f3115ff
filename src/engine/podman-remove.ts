import { rmSync } from "node:fs";
import type { Podman } from "./podman-call.ts";

/** Removes a pod's own home folder; files of other owners of an ordinary user's pod fall only to podman's namespace. */
export async function removeHome(podman: Podman, folder: string): Promise<void> {
  try {
    rmSync(folder, { recursive: true, force: true });
  } catch (error) {
    if (!podman.facts.rootless) throw error;
    await podman.callOrFail(["unshare", "rm", "-rf", "--one-file-system", "--", folder], `cannot remove ${folder}`);
  }
}
