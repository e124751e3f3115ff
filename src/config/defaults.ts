/** The commands that run in an environment unless it says `default-commands: false` (DESIGN, rule 5). */

const builders = "make gmake waf cmake ctest cpack ninja meson configure".split(" ");
const autotools = "autoreconf autoconf autoheader autom4te automake aclocal libtool libtoolize".split(" ");
const compilers = "gcc g++ cc c++ c89 c99 cpp gfortran gcov clang clang++".split(" ");
const binutils = "ld ld.bfd ld.gold ld.lld as ar ranlib nm objcopy objdump strip readelf size strings addr2line".split(" ");
const debuggers = "gdb gdbserver gdb-multiarch strace ltrace valgrind".split(" ");

/** Exact names. Versioned forms (`gcc-4.8`, `clang++-14`) are known by the matcher, which strips versions. */
export const defaultCommands: readonly string[] = [...builders, ...autotools, ...compilers, ...binutils, ...debuggers];

/**
 * Cross tools, which bear the target before the name: `arm-none-eabi-gcc`, `avr-objcopy`. Where the name is a word
 * that other programs' names end with, two parts before it are asked for.
 */
export const defaultCommandGlobs: readonly string[] = [
  ..."gcc g++ cpp gfortran gcov clang clang++ gdb ld ld.bfd ld.gold ar ranlib nm objcopy objdump readelf addr2line"
    .split(" ")
    .map((name) => `*-${name}`),
  ..."as strip size strings".split(" ").map((name) => `*-*-${name}`),
];

/** What stays on the host in every environment: hooks that git runs are the user's own. */
export const alwaysHost: readonly string[] = [".git/**"];

/** An environment's commands as the policy wants them: names and globs apart, each once, sorted by bytes. */
export function splitCommands(commands: readonly string[], withDefaults: boolean): { names: string[]; globs: string[] } {
  const all = withDefaults ? [...defaultCommands, ...defaultCommandGlobs, ...commands] : commands;
  const isGlob = (command: string) => /[*?]/.test(command);
  return { names: sortOnce(all.filter((command) => !isGlob(command))), globs: sortOnce(all.filter(isGlob)) };
}

/** The same for `host:`: an entry with a slash is a path in the repository, any other a command's name or glob. */
export function splitHost(host: readonly string[]): { names: string[]; paths: string[] } {
  const isPath = (entry: string) => entry.includes("/");
  return { names: sortOnce(host.filter((entry) => !isPath(entry))), paths: sortOnce([...alwaysHost, ...host.filter(isPath)]) };
}

function sortOnce(words: readonly string[]): string[] {
  return [...new Set(words)].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
}
