import { readdirSync, statSync } from "node:fs";
import { readInside, resolveInside } from "./inside.ts";
import { findLocales } from "./locales.ts";

export interface TreeFacts {
  programs: string[];
  locales: string[];
  /** The name that its os-release gives, for people: "CentOS Linux 7 (Core)". */
  name: string | undefined;
}

export const DEFAULT_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/** What a root folder offers. Nothing in it is run, and nothing outside it is looked at. */
export function inspectTree(root: string, path = DEFAULT_PATH): TreeFacts {
  return { programs: findPrograms(root, path), locales: findLocales(root), name: readName(root) };
}

/** Names of the executable files in the folders of PATH, sorted. */
export function findPrograms(root: string, path: string): string[] {
  const names = new Set<string>();
  const seen = new Set<string>();
  for (const folder of path.split(":")) {
    // A relative folder depends on where one is.
    const real = folder.startsWith("/") ? resolveInside(root, folder) : undefined;
    if (!real || seen.has(real)) continue;
    seen.add(real);
    for (const name of listNames(real)) {
      if (!names.has(name) && isProgram(root, `${folder}/${name}`)) names.add(name);
    }
  }
  return [...names].sort();
}

function listNames(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function isProgram(root: string, path: string): boolean {
  try {
    const real = resolveInside(root, path);
    if (!real) return false;
    const info = statSync(real);
    return info.isFile() && (info.mode & 0o111) !== 0;
  } catch {
    return false;
  }
}

function readName(root: string): string | undefined {
  for (const file of ["/etc/os-release", "/usr/lib/os-release"]) {
    const line = readText(root, file)?.match(/^PRETTY_NAME=(.*)$/m)?.[1];
    if (line) return line.replace(/^(['"])(.*)\1$/, "$2");
  }
  for (const file of ["/etc/system-release", "/etc/redhat-release"]) {
    const line = readText(root, file)?.split("\n")[0]?.trim();
    if (line) return line;
  }
  const debian = readText(root, "/etc/debian_version")?.trim();
  return debian ? `Debian ${debian}` : undefined;
}

function readText(root: string, path: string): string | undefined {
  return readInside(root, path)?.toString("utf8");
}
