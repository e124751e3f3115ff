/** Options of gdb's: what was built below one folder is shown, and asked for, by the paths of another. */
export function substitutePath(built: string, shown: string): string[] {
  // gdb's words, not the shell's: it takes quotes and backslashes too.
  const word = (text: string) => (/^[\w./+-]+$/.test(text) ? text : `"${text.replaceAll(/["\\]/g, "\\$&")}"`);
  return ["-iex", `set substitute-path ${word(built)} ${word(shown)}`];
}
