import { resolveInside } from "../image/inside.ts";
import { type Operation, op } from "../launch/operations.ts";
import type { IdMaps } from "../launch/user-namespace.ts";
import type { Pod } from "./engine.ts";

/**
 * With one id alone, apt cannot become the user that it downloads as, and looks whether it has. The launcher's pretence
 * (native/launcher/enter/pretend.h) is enough for all else that installing packages asks for.
 */
export function packageOperations(pod: Pod, maps: IdMaps): Operation[] {
  const folder = "/etc/apt/apt.conf.d";
  if (maps.ownership !== "single" || !resolveInside(pod.root.tree?.folder ?? "/", folder)) return [];
  const key = "APT::Sandbox::User";
  return [{ code: op.line, strings: [`${folder}/99qpod`, key, `${key} "root";`] }];
}
