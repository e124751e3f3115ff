import { readdirSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import type { Podman } from "./podman-call.ts";

/** Removes a pod's own home folder; files of other owners of an ordinary user's pod fall only to podman's namespace. */
export async function removeHome(podman: Podman, folder: string): Promise<number> {
  const bytes = sizeOf(folder);
  try {
    rmSync(folder, { recursive: true, force: true });
  } catch (error) {
    if (!podman.facts.rootless) throw error;
    await podman.callOrFail(["unshare", "rm", "-rf", "--one-file-system", "--", folder], `cannot remove ${folder}`);
  }
  return bytes;
}

/** Blocks that the files hold, as far as they can be read. */
function sizeOf(folder: string): number {
  try {
    return readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .reduce((sum, entry) => sum + statSync(join(entry.parentPath, entry.name)).blocks * 512, 0);
  } catch {
    return 0;
  }
}
