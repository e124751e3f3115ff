import { rmSync } from "node:fs";
import { join } from "node:path";
import type { Paths } from "../base/paths.ts";
import { rootsFolder, storeKey } from "../image/store.ts";
import type { ContainerTool } from "./container-call.ts";
import { inspectImage } from "./container-image.ts";
import type { Pod } from "./engine.ts";

/** An image that somebody removed is got again by the next `qpod up`, once nothing notes it as there. */
export async function forgetLostImage(tool: ContainerTool, paths: Paths, pod: Pod): Promise<void> {
  if (await inspectImage(tool, pod.root.imageId ?? "")) return;
  rmSync(join(rootsFolder(paths), storeKey(pod.environment, tool.name), "root.json"), { force: true });
}
