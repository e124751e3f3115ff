import { visible } from "../base/text.ts";
import { checkInside, checkPath, type Fault } from "./checks.ts";

export interface MountText {
  source: string;
  target?: string;
  "read-only"?: "true" | "false";
}

/** `SOURCE[:TARGET][:ro|:rw]`; a path with a colon needs the map. */
export function splitMount(text: string): MountText {
  const parts = text.split(":");
  const last = parts.at(-1);
  const mode = parts.length > 1 && (last === "ro" || last === "rw") ? parts.pop() : undefined;
  const [source = "", ...rest] = parts;
  return {
    source,
    ...(rest.length > 0 ? { target: rest.join(":") } : {}),
    ...(mode ? { "read-only": mode === "ro" ? "true" : "false" } : {}),
  };
}

export function checkMount(text: string): Fault {
  const { source, target } = splitMount(text);
  if (target?.includes(":")) {
    return {
      fact: `"${visible(text)}" is not SOURCE:TARGET or SOURCE:TARGET:ro`,
      remedy: "A path with a colon is written as {source: ..., target: ...}.",
    };
  }
  return checkPath(source) ?? (target === undefined ? undefined : checkInside(target));
}
