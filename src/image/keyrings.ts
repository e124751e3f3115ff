import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { QpodError } from "../base/errors.ts";

/** Where distributions' packages put the keys that their releases are signed with; old releases' keys are apart. */
const keyrings: Record<string, { files: string[]; package: string }> = {
  debian: {
    files: [
      "debian-archive-keyring.gpg",
      "debian-archive-keyring.pgp",
      "debian-archive-removed-keys.gpg",
      "debian-archive-removed-keys.pgp",
    ],
    package: "debian-archive-keyring",
  },
  ubuntu: { files: ["ubuntu-archive-keyring.gpg", "ubuntu-archive-removed-keys.gpg"], package: "ubuntu-keyring" },
};

/**
 * Keyrings of this host that may have signed a release; those that the administrator trusts apt with come last.
 * @throws QpodError naming the package that brings them.
 */
export function findKeyrings(distribution: string, keys = "/usr/share/keyrings", trusted = "/etc/apt/trusted.gpg.d"): string[] {
  const known = keyrings[distribution];
  const own = (known?.files ?? []).map((name) => join(keys, name)).filter(existsSync);
  const others = existsSync(trusted) ? readdirSync(trusted).filter((name) => /\.(gpg|asc)$/.test(name)) : [];
  if (own.length > 0 || others.some((name) => name.includes(distribution))) return [...own, ...others.map((name) => join(trusted, name))];
  throw new QpodError({
    fact: `the keys that ${distribution}'s releases are signed with are not on this system`,
    remedy: known ? `Install the package ${known.package}.` : `Put them into ${trusted}.`,
  });
}

/** A folder with copies, as apt takes only one folder of keys. */
export function gatherKeyrings(files: string[], folder: string): string {
  mkdirSync(folder, { recursive: true });
  for (const [number, file] of files.entries()) copyFileSync(file, join(folder, `${number}-${basename(file).replace(/\.pgp$/, ".gpg")}`));
  return folder;
}

/** One file with all, as debootstrap takes only one: keyrings may be put one after the other. */
export function joinKeyrings(files: string[], file: string): string {
  writeFileSync(file, Buffer.concat(files.filter((one) => !one.endsWith(".asc")).map((one) => readFileSync(one))));
  return file;
}
