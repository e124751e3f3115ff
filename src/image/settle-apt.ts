import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { asNamespaceRoot, type IdMaps } from "../launch/user-namespace.ts";
import { runOrFail } from "../process/run.ts";
import { readKeys } from "./keyrings.ts";
import type { Bootstrap, Mirror } from "./mirrors.ts";

/** The line of a release for sources.list. */
export function sourceLine(root: Bootstrap, mirror: Mirror): string {
  return `deb ${root.trusted ? "[trusted=yes] " : ""}${mirror.uri} ${root.release} ${root.components.join(" ")}`;
}

/** Makes apt inside the tree accept what the bootstrap accepted, so that more can be installed later. */
export async function settleApt(root: Bootstrap, tree: string, mirror: Mirror, { maps, scratch }: { maps: IdMaps; scratch: string }) {
  const files: Record<string, string | Buffer> = { "sources.list": `${sourceLine(root, mirror)}\n` };
  if (mirror.archived) files["apt.conf.d/99qpod"] = 'Acquire::Check-Valid-Until "false";\n';
  if (root.keyring) files["trusted.gpg.d/qpod.gpg"] = readKeys(root.keyring);
  const folder = join(scratch, "apt");
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(join(folder, dirname(name)), { recursive: true });
    writeFileSync(join(folder, name), content);
    const to = join(tree, "etc/apt", name);
    await runOrFail(asNamespaceRoot(["install", "-D", "-m", "644", "--", join(folder, name), to], maps));
  }
}
