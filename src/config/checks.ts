import { isAbsolute, normalize } from "node:path";
import { visible } from "../base/text.ts";

/** Checks of single values; each answers with what is wrong, and what was meant, or with nothing. */
export type Fault = { fact: string; remedy?: string } | undefined;

export function checkText(text: string): Fault {
  if (text === "") return { fact: "this is empty" };
  return /[\p{Cc}]/u.test(text) ? { fact: "this holds a control character" } : undefined;
}

/** A path on the host: absolute, relative to the file, or `~/...`. */
export function checkPath(path: string): Fault {
  if (/^~[^/]/.test(path)) {
    return {
      fact: `"${visible(path)}": only ~ alone means a home folder, your own`,
      remedy: "Write the folder out, or ./~NAME for such a name.",
    };
  }
  return checkText(path);
}

const reserved = ["/", "/proc", "/sys", "/dev"];

/** A path in the environment. */
export function checkInside(path: string): Fault {
  const fault = checkText(path);
  if (fault) return fault;
  if (!isAbsolute(path))
    return { fact: `"${visible(path)}" is not an absolute path`, remedy: "In the environment it must begin with a slash." };
  if (path.split("/").includes("..")) return { fact: `"${visible(path)}" holds ".."` };
  const plain = normalize(path).replace(/(.)\/$/, "$1");
  return reserved.includes(plain) ? { fact: `"${plain}" cannot be used: the environment's own is there` } : undefined;
}

/** A whole number, small enough to be exact. */
export function checkCount(text: string): Fault {
  if (/^[0-9]+$/.test(text) && Number.isSafeInteger(Number(text))) return undefined;
  return { fact: `"${visible(text)}" is not a whole number` };
}

/** A command: a name or a glob. */
export function checkCommand(name: string): Fault {
  if (!name.includes("/")) return /\s/.test(name) ? { fact: `"${visible(name)}" is more than the command's name` } : checkText(name);
  const base = visible(name.split("/").at(-1) ?? "");
  return { fact: `"${visible(name)}" is a path; commands are given by name`, remedy: base ? `Write "${base}".` : undefined } as Fault;
}

/** What stays on the host: a command's name, or a path in the repository. */
export function checkHost(entry: string): Fault {
  if (!entry.includes("/")) return checkCommand(entry);
  if (!isAbsolute(entry) && !entry.split("/").includes("..")) return checkText(entry);
  return {
    fact: `"${visible(entry)}" is not a path inside the repository`,
    remedy: 'Give it from the repository\'s top, as in "tools/**".',
  };
}

export function checkVariable(name: string): Fault {
  if (/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) return undefined;
  return { fact: `"${visible(name)}" is not a variable's name`, remedy: "Names have letters, digits and _, and no digit first." };
}

/** A variable's value: any text that `execve` can carry. */
export function checkValue(value: string): Fault {
  return value.includes("\0") ? { fact: "a variable cannot hold the character NUL" } : undefined;
}

const never = /^(PATH|LD_.*|PYTHON(PATH|HOME)|PERL5LIB|RUBYLIB|GEM_(PATH|HOME)|NODE_PATH|QPOD_.*)$/;

/** A variable that passes from the caller: a name, or its beginning and `*`. */
export function checkPass(name: string): Fault {
  const equals = name.indexOf("=");
  if (equals > 0) return { fact: `"${visible(name)}" sets a value`, remedy: "Values go under `set:`; `pass:` has names." };
  const beginning = name.endsWith("*") ? name.slice(0, -1) : name;
  if (beginning === "" && name === "*") return { fact: '"*" would pass every variable', remedy: 'Give a beginning, as in "MMSX_*".' };
  if (never.test(beginning) || beginning === "LD_" || beginning === "QPOD_") {
    return {
      fact: `${name} never passes: the host's value would break programs in the environment`,
      remedy: "Give it a value under `set:`.",
    };
  }
  return checkVariable(beginning);
}

export function checkMirror(url: string): Fault {
  if (URL.canParse(url) && /^(https?|ftp|file):$/.test(new URL(url).protocol)) return undefined;
  return { fact: `"${visible(url)}" is not a mirror's address`, remedy: "It looks like http://deb.debian.org/debian." };
}

/** A word such as a package, a release, an image: no space in it. */
export function checkWord(word: string): Fault {
  if (!/\s/.test(word)) return checkText(word);
  return { fact: `"${visible(word)}" holds a space`, remedy: "One word is meant here; in a list, give each its own entry." };
}
