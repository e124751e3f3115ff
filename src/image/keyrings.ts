import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, parse } from "node:path";
import { errnoOf, QpodError } from "../base/errors.ts";

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
  for (const [number, file] of files.entries()) writeFileSync(join(folder, `${number}-${parse(file).name}.gpg`), readKeys(file));
  return folder;
}

/** One file with all, as debootstrap takes only one: keyrings may be put one after the other. */
export function joinKeyrings(files: string[], file: string): string {
  writeFileSync(file, Buffer.concat(files.map(readKeys)));
  return file;
}

/**
 * Keys in the one form that every tool reads, whatever the file's name says.
 * @throws QpodError when there are none in the file.
 */
export function readKeys(file: string): Buffer {
  const bytes = readFileOrSay(file);
  const armor =
    /-----BEGIN PGP PUBLIC KEY BLOCK-----[^\n]*\n(?:[^\n]*: [^\n]*\n)*\s*([A-Za-z0-9+/=\s]*?)(?:\n=[A-Za-z0-9+/]{4}\s*)?-----END/g;
  const blocks = [...bytes.toString("latin1").matchAll(armor)].map(([, text = ""]) => Buffer.from(text, "base64"));
  if (blocks.length > 0) return Buffer.concat(blocks);
  // A public key's packet begins every binary keyring: tag 6, in the old or the new form of headers.
  const first = bytes[0] ?? 0;
  if ((first & 0xfc) === 0x98 || first === 0xc6) return bytes;
  throw new QpodError({
    fact: "this is no keyring that apt can read",
    place: { file },
    remedy: "Write one with `gpg --export KEY > FILE`, with --armor if you like.",
  });
}

function readFileOrSay(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    throw new QpodError({
      fact: errnoOf(error) === "ENOENT" ? "there is no such keyring" : `cannot read the keyring: ${errnoOf(error)}`,
      place: { file },
      remedy: "`keyring:` under `bootstrap:` names it.",
      cause: error,
    });
  }
}
