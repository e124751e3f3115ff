import { existsSync, readdirSync } from "node:fs";
import { readInside, resolveInside } from "./inside.ts";

/** Values of LANG and LC_* that work inside a root folder, sorted. */
export function findLocales(root: string): string[] {
  const names = new Set(["C", "POSIX"]);
  for (const name of [...readLocaleFolder(root), ...readLocaleArchive(root)]) {
    for (const spelling of spellings(name)) names.add(spelling);
  }
  if (isMusl(root)) names.add("C.UTF-8");
  return [...names].sort();
}

/** glibc looks a charset up in its normal form (`utf8`), so these all name the same locale. */
function spellings(name: string): string[] {
  const [, language, charset, modifier = ""] = name.match(/^([^.@]+)(?:\.([^@]+))?(@.*)?$/) ?? [];
  if (!language || !charset || !/^utf-?8$/i.test(charset)) return [name];
  return ["utf8", "UTF-8", "utf-8", "UTF8"].map((spelling) => `${language}.${spelling}${modifier}`);
}

function readLocaleFolder(root: string): string[] {
  const folder = resolveInside(root, "/usr/lib/locale");
  if (!folder) return [];
  try {
    return readdirSync(folder, { withFileTypes: true })
      .filter((entry) => !entry.isFile() && existsSync(`${folder}/${entry.name}/LC_CTYPE`))
      .map((entry) => entry.name);
  } catch {
    return [];
  }
}

const ARCHIVE_MAGIC = 0xde020109;

/** The names in glibc's locale-archive: a hash table of (hash, offset of the name, offset of the locale). */
function readLocaleArchive(root: string): string[] {
  const bytes = readInside(root, "/usr/lib/locale/locale-archive");
  if (!bytes || bytes.length < 56 || bytes.readUInt32LE(0) !== ARCHIVE_MAGIC) return [];
  const [table, slots] = [bytes.readUInt32LE(8), bytes.readUInt32LE(16)];
  const names: string[] = [];
  for (let slot = 0; slot < slots && table + slot * 12 + 12 <= bytes.length; slot++) {
    const name = bytes.readUInt32LE(table + slot * 12 + 4);
    const locale = bytes.readUInt32LE(table + slot * 12 + 8);
    if (name === 0 || locale === 0 || name >= bytes.length) continue;
    const end = bytes.indexOf(0, name);
    if (end > name && end - name < 64) names.push(bytes.toString("latin1", name, end));
  }
  return names;
}

function isMusl(root: string): boolean {
  const folder = resolveInside(root, "/lib");
  try {
    return folder !== undefined && readdirSync(folder).some((name) => name.startsWith("ld-musl-"));
  } catch {
    return false;
  }
}
