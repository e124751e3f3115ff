import { existsSync } from "node:fs";
import { join } from "node:path";
import { isObject } from "../image/image-config.ts";

/** Where paths of a build are found on the host. */
export interface Translation {
  /** The fixed path of the builds. */
  from?: string | undefined;
  /** The work tree. */
  to: string;
  /** The environment's root filesystem as a folder of the host: its headers instead of the host's. */
  tree?: string | undefined;
}

/** @returns the same compilation database for tools of the host, or undefined when the text is none. */
export function translateCompileCommands(text: string, translation: Translation): string | undefined {
  let entries: unknown;
  try {
    entries = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (!Array.isArray(entries)) return undefined;
  return `${JSON.stringify(
    entries.filter(isObject).map((entry) => translateEntry(entry, translation)),
    undefined,
    1,
  )}\n`;
}

function translateEntry({ command, ...entry }: Record<string, unknown>, translation: Translation): Record<string, unknown> {
  const words = Array.isArray(entry.arguments) ? entry.arguments.map(String) : splitCommand(String(command ?? ""));
  const result: Record<string, unknown> = { ...entry, arguments: translateWords(words, translation) };
  for (const key of ["directory", "file", "output"]) {
    const value = entry[key];
    if (typeof value === "string") result[key] = translatePath(value, translation) ?? value;
  }
  return result;
}

const searches = /^(-I|-isystem|-iquote|-idirafter)(.*)$/s;

function translateWords(words: readonly string[], translation: Translation): string[] {
  const { tree } = translation;
  let search = false;
  const translated = words.map((word) => {
    const path = translateWord(word, translation, search);
    search = searches.exec(word)?.[2] === "";
    return path;
  });
  const [compiler, ...rest] = translated;
  if (compiler === undefined || !tree || rest.some((word) => /^--?(isysroot|sysroot)/.test(word))) return translated;
  return [compiler, `--sysroot=${tree}`, ...rest];
}

/** A path alone, or one behind an option: -I/qpod/include, -Wl,-rpath,/qpod/lib, --include=/qpod/a.h. */
function translateWord(word: string, translation: Translation, search: boolean): string {
  const [, option = "", path = ""] = /^((?:-[^/]*|@)?)(\/.*)$/s.exec(word) ?? [];
  if (!path) return word;
  const translated = translatePath(path, translation);
  if (translated !== undefined) return option + translated;
  const { tree, to } = translation;
  const isSearch = search || searches.test(word);
  return isSearch && tree && !isBelow(path, to) && existsSync(join(tree, path)) ? option + join(tree, path) : word;
}

function translatePath(path: string, { from, to }: Translation): string | undefined {
  return from !== undefined && isBelow(path, from) ? to + path.slice(from.length) : undefined;
}

function isBelow(path: string, folder: string): boolean {
  return path === folder || path.startsWith(`${folder}/`);
}

/** Words as a shell splits them; nothing is expanded, since build tools write nothing that would be. */
export function splitCommand(command: string): string[] {
  const words: string[] = [];
  let word: string | undefined;
  for (const [part, single, double, escaped, space] of command.matchAll(/'([^']*)'|"((?:[^"\\]|\\.)*)"|\\(.)|(\s+)|[^\s'"\\]+|./gs)) {
    if (space !== undefined) {
      if (word !== undefined) words.push(word);
      word = undefined;
      continue;
    }
    word = (word ?? "") + (single ?? double?.replaceAll(/\\(["\\$`])/g, "$1") ?? escaped ?? part);
  }
  return word === undefined ? words : [...words, word];
}
