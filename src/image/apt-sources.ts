import { readdirSync } from "node:fs";
import { join } from "node:path";
import { readIfThere } from "../base/files.ts";

/** One place that apt gets packages from. */
export interface AptSource {
  uri: string;
  suites: string[];
  components: string[];
}

/** The enabled `deb` sources of the host's apt, in apt's order. */
export function readAptSources(folder = "/etc/apt"): AptSource[] {
  const sources = parseList(readText(join(folder, "sources.list")));
  const parts = join(folder, "sources.list.d");
  for (const name of listNames(parts)) {
    if (name.endsWith(".list")) sources.push(...parseList(readText(join(parts, name))));
    if (name.endsWith(".sources")) sources.push(...parseDeb822(readText(join(parts, name))));
  }
  return sources;
}

/** `deb [options] URI SUITE COMPONENT...` */
export function parseList(text: string): AptSource[] {
  return text.split("\n").flatMap((line) => {
    const [, uri, suite, components = ""] = line.match(/^\s*deb\s+(?:\[[^\]]*\]\s*)?(\S+)\s+(\S+)([^#]*)/) ?? [];
    return uri && suite ? [{ uri, suites: [suite], components: words(components) }] : [];
  });
}

/** Stanzas of `Field: value`, where a line that begins with a space goes on with the value. */
export function parseDeb822(text: string): AptSource[] {
  const plain = text
    .split("\n")
    .filter((line) => !line.startsWith("#"))
    .join("\n");
  return plain.split(/\n\s*\n/).flatMap((stanza) => {
    const fields = new Map<string, string>();
    for (const line of stanza.replaceAll(/\n[ \t]+/g, " ").split("\n")) {
      const [, name, value] = line.match(/^([A-Za-z-]+):\s*(.*)$/) ?? [];
      if (name) fields.set(name.toLowerCase(), value ?? "");
    }
    const list = (name: string) => words(fields.get(name) ?? "");
    if (/^(no|false|0|off|without|disable)$/i.test(fields.get("enabled") ?? "") || !list("types").includes("deb")) return [];
    return list("uris").map((uri) => ({ uri, suites: list("suites"), components: list("components") }));
  });
}

function words(text: string): string[] {
  return text.trim().split(/\s+/).filter(Boolean);
}

function readText(path: string): string {
  try {
    return readIfThere(path) ?? "";
  } catch {
    // Some administrators hide sources that hold passwords.
    return "";
  }
}

function listNames(folder: string): string[] {
  try {
    return readdirSync(folder).sort();
  } catch {
    return [];
  }
}
