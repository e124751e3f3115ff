import { QpodError } from "../base/errors.ts";

/** What kept gdb from doing what it was told. */
export type GdbFault =
  | "no-gdb"
  | "old-gdb"
  | "no-program"
  | "no-symbol"
  | "no-location"
  | "no-memory"
  | "not-running"
  | "syntax"
  | "timeout"
  | "ended"
  | "refused";

const faults: readonly [RegExp, GdbFault][] = [
  [/^No symbol table is loaded|^No symbol "[\s\S]*" in /, "no-symbol"],
  [
    /^Function "[\s\S]*" not defined|^No line \d+ in |^No source file named |^No function contains |^The specified .* does not exist|Not enough frames in stack/,
    "no-location",
  ],
  [/^Cannot access memory|^Attempt to take contents of a non-pointer/, "no-memory"],
  [
    /^The program is not being run|^The program has no registers|^No frame |^No stack|^No registers|^No thread selected|without a process|^"finish" not meaningful/,
    "not-running",
  ],
  [/syntax error|^A parse error|^Invalid (number|character)|^Unmatched |^Unterminated /, "syntax"],
  [/^No executable file specified|No executable file|: No such file or directory|not in executable format|^No such file/, "no-program"],
];

const remedies: Partial<Record<GdbFault, string>> = {
  "no-symbol": "Was it compiled with -g? A library's symbols are in its debug package, such as libc6-dbg.",
  "not-running": "`start` or `run` starts the program.",
};

/** An error of gdb's or of ours, told apart by `fault`. */
export class GdbError extends QpodError {
  readonly fault: GdbFault;

  constructor(fault: GdbFault, fact: string, remedy: string | undefined = remedies[fault]) {
    super({ fact, remedy });
    this.name = "GdbError";
    this.fault = fault;
  }
}

/** The error that gdb's message stands for. */
export function gdbErrorOf(message: string): GdbError {
  const fault = faults.find(([pattern]) => pattern.test(message))?.[1] ?? "refused";
  return new GdbError(
    fault,
    message
      .trim()
      .replace(/^-[a-z-]+: /, "")
      .replace(/\.$/, "")
      .replaceAll("\n", " "),
  );
}

/** What is told when there is no gdb where the program is: in the words of the launcher, which has looked for it. */
export function noGdb(words: readonly string[]): GdbError {
  const [fact = "gdb is not installed", remedy = "Install the package `gdb`."] = words.map((one) => one.trim()).filter(Boolean);
  return new GdbError("no-gdb", fact.replace(/^qpod: /, ""), remedy);
}
