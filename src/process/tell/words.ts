import type { Settings } from "../settings.ts";
import { recordEach, type Wrong } from "./mistakes.ts";

export function addWords({ argv }: Settings, words: readonly string[]): Wrong {
  // A string would be taken letter by letter.
  if (typeof words === "string") return `the arguments are no list: ${JSON.stringify(words)}`;
  return recordEach(words, (word) => {
    if (typeof word !== "string") return `an argument is no string: ${String(word)}`;
    if (word.includes("\0")) return `an argument holds a NUL: ${JSON.stringify(word)}`;
    argv.push(word);
    return undefined;
  });
}

export function setVariables({ variables }: Settings, values: Record<string, string | undefined>): Wrong {
  return recordEach(Object.entries(values), ([name, value]) => {
    if (value !== undefined && typeof value !== "string") return `the value of ${name} is no string: ${String(value)}`;
    if (name === "" || /[=\0]/.test(name) || value?.includes("\0")) return `no such variable can be: ${JSON.stringify(name)}`;
    variables.push({ kind: "set", name, value });
    return undefined;
  });
}
