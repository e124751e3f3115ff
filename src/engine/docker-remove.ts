import { rmSync } from "node:fs";
import { nativeFile } from "../launch/locate.ts";
import { containerName } from "./container-names.ts";
import { emptyArguments } from "./docker-arguments.ts";
import type { Docker } from "./docker-call.ts";

/** Removes a pod's own home folder; what `qpod run --root` put there is root's, and falls only to a container's root. */
export async function removeHome(docker: Docker, id: string, folder: string, limits: string[]): Promise<void> {
  try {
    rmSync(folder, { recursive: true, force: true });
  } catch (error) {
    const image = await docker.call(["container", "inspect", "--format", "{{.Image}}", containerName(id)]);
    if (image.status !== 0) throw error;
    const args = emptyArguments(image.stdout.trim(), nativeFile("qpod-launch"), limits, folder);
    await docker.callOrFail(args, `cannot remove ${folder}`);
    rmSync(folder, { recursive: true, force: true });
  }
}
