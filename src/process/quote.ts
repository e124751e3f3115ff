/** Words that need no quotes in a POSIX shell. `~` and `=` are not among them: at some places they mean something. */
const plain = /^[A-Za-z0-9_@%+:,./-]+$/;
const reserved = new Set(["case", "do", "done", "elif", "else", "esac", "fi", "for", "if", "in", "then", "until", "while"]);

/** A word as a POSIX shell would read it back. */
export function quoteWord(word: string): string {
  return plain.test(word) && !reserved.has(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

/** The command line, which a POSIX shell would parse to these very words. */
export function quoteCommand(argv: readonly string[]): string {
  return argv.map(quoteWord).join(" ");
}

/** The same over several lines: each option begins one, and keeps the values that follow it. */
export function quoteInLines(argv: readonly string[]): string {
  return argv.map((word, i) => `${i === 0 ? "" : word.startsWith("-") ? " \\\n  " : " "}${quoteWord(word)}`).join("");
}
