import type { Binding } from "./binding.ts";
import type { Head } from "./branch.ts";

/** The same globs as the native `glob_matches`: `*` within a component, `**` across, `?`; they match bytes. */
export function matchesPattern(pattern: string, branch: Uint8Array): boolean {
  const source = Buffer.from(pattern)
    .toString("latin1")
    .replaceAll(/(^|(?<=\/))\*\*\/|\*\*|[*?]|[^*?]/g, (part) => translations[part] ?? escapePlain(part));
  return new RegExp(`^${source}$`, "s").test(Buffer.from(branch).toString("latin1"));
}

const translations: Record<string, string> = { "**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]" };

function escapePlain(character: string): string {
  return /[A-Za-z0-9]/.test(character) ? character : `\\x${character.charCodeAt(0).toString(16).padStart(2, "0")}`;
}

/** The binding that a work tree's HEAD chooses: the first that matches. Without a branch only "" does. */
export function chooseBinding<T extends Pick<Binding, "branch">>(bindings: readonly T[], head: Head): T | undefined {
  return bindings.find(({ branch }) => branch === "" || (head.kind === "branch" && matchesPattern(branch, head.bytes)));
}
