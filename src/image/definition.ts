import { createHash } from "node:crypto";
import { readFileSync, statSync } from "node:fs";
import type { Root } from "../config/environment.ts";

/** A root's key in the store: it changes with the definition, and with the file that the definition names. */
export function rootKey(root: Root): string {
  const facts = JSON.stringify([Object.entries(root).sort(([a], [b]) => (a < b ? -1 : 1)), readFacts(root)]);
  return `${root.kind}-${createHash("sha256").update(facts).digest("hex").slice(0, 24)}`;
}

function readFacts(root: Root): unknown {
  try {
    if (root.kind === "archive") {
      const { size, mtimeMs } = statSync(root.file);
      return [size, mtimeMs];
    }
    if (root.kind === "containerfile") return createHash("sha256").update(readFileSync(root.file)).digest("hex");
  } catch {
    // A missing file is reported when it is needed; what was made from it stays usable under no key.
    return "missing";
  }
  return undefined;
}

/** A root in words, for progress and errors: "Debian bullseye", "registry.example.com/mmsx:2018.3". */
export function describeRoot(root: Root): string {
  switch (root.kind) {
    case "image":
      return root.reference;
    case "archive":
    case "containerfile":
      return root.file;
    case "rootfs":
      return root.folder;
    case "bootstrap":
      return `${root.distribution} ${root.release}`;
    case "host":
      return "the host's root";
  }
}
