import { type Place, QpodError, status } from "../base/errors.ts";
import { findClosest } from "../base/text.ts";

/** A line of a script, as it is understood. */
export type Step = { place: Place; text: string } & (
  | { do: "start" | "run" | "continue" | "finish" | "kill" }
  | { do: "step" | "next" | "frame"; count: number }
  | { do: "backtrace"; count?: number }
  | { do: "advance"; location: string }
  | { do: "break"; location: string; condition?: string; temporary: boolean }
  | { do: "watch" | "call"; expression: string }
  | { do: "print"; expression: string; format?: string }
  | { do: "set"; variable: string; expression: string }
);

type Verb = Step["do"];
/** Step without where it stands. */
type Meaning = Step extends infer One ? (One extends Step ? Omit<One, "place" | "text"> : never) : never;

const words: Record<string, Verb | "tbreak"> = {
  start: "start",
  run: "run",
  r: "run",
  continue: "continue",
  c: "continue",
  finish: "finish",
  kill: "kill",
  step: "step",
  s: "step",
  next: "next",
  n: "next",
  frame: "frame",
  backtrace: "backtrace",
  bt: "backtrace",
  advance: "advance",
  break: "break",
  b: "break",
  tbreak: "tbreak",
  watch: "watch",
  print: "print",
  p: "print",
  call: "call",
  set: "set",
};

/**
 * Reads a script: a command on each line, as one would type it to gdb; `#` begins a comment line.
 * @throws QpodError with the place of the first mistake; nothing has run by then.
 */
export function readScript(text: string, file: string): Step[] {
  return text.split("\n").flatMap((line, i) => readLine(line.replace(/\r$/, ""), file, i + 1) ?? []);
}

function readLine(line: string, file: string, number: number): Step | undefined {
  const parts = /^(\s*)(\S+)(\s*)(.*?)\s*$/.exec(line);
  if (!parts || parts[2]?.startsWith("#")) return undefined;
  const [, indent = "", word = "", gap = "", rest = ""] = parts;
  const at = (column: number): Place => ({ file, line: number, column: column + 1 });
  const place = at(indent.length);
  const fail = (fact: string, column: number, remedy?: string): never => {
    throw new QpodError({ fact, place: at(column), remedy, status: status.usage });
  };
  const behind = indent.length + word.length + gap.length;
  const [name = "", ...formats] = word.split("/");
  const format = formats.join("/");
  const verb = Object.hasOwn(words, name) ? words[name] : undefined;
  if (!verb) {
    const near = findClosest(name, Object.keys(words));
    return fail(
      `'${word}' is no command of a script`,
      indent.length,
      near ? `Did you mean \`${near}\`?` : `Commands are ${[...new Set(Object.values(words))].join(", ")}.`,
    );
  }
  const meaning = readMeaning(verb, rest, (fact, offset = 0) => fail(`${verb}: ${fact}`, behind + offset));
  if (formats.length === 0) return { place, text: line.trim(), ...meaning } as Step;
  if (verb !== "print" || !/^[xduotacfsz]$/.test(format))
    fail(
      verb === "print" ? `'/${format}' is no format` : `${verb}: it takes no format`,
      indent.length + name.length,
      "Formats are those of `print`, such as /x.",
    );
  return { place, text: line.trim(), ...meaning, format } as Step;
}

type Fail = (fact: string, offset?: number) => never;

function readMeaning(verb: Verb | "tbreak", rest: string, fail: Fail): Meaning {
  switch (verb) {
    case "start":
    case "run":
    case "continue":
    case "finish":
    case "kill":
      if (rest) fail(`nothing may follow it, '${rest}' does`);
      return { do: verb };
    case "step":
    case "next":
      return { do: verb, count: readCount(rest || "1", fail) };
    case "frame":
      return { do: verb, count: readCount(rest, fail) };
    case "backtrace":
      return rest ? { do: verb, count: readCount(rest, fail) } : { do: verb };
    case "advance":
      return { do: verb, location: need(rest, "a location", fail) };
    case "break":
    case "tbreak":
      return readBreak(need(rest, "a location", fail), verb === "tbreak", fail);
    case "watch":
    case "print":
    case "call":
      return { do: verb, expression: need(rest, "an expression", fail) };
    case "set":
      return readSet(need(rest, "VARIABLE = EXPRESSION", fail), fail);
  }
}

function readBreak(rest: string, temporary: boolean, fail: Fail): Meaning {
  const [, location = "", condition] = /^(.*?)(?:(?:^|\s+)if\b\s*(.*))?$/.exec(rest) ?? [];
  if (!location) fail("a location is missing");
  if (condition === "") fail("a condition is missing behind `if`", rest.length);
  return { do: "break", location, temporary, ...(condition ? { condition } : {}) };
}

/** `set name = "x"`, and gdb's own `set var name = "x"`. The first `=` that is no comparison divides. */
function readSet(rest: string, fail: Fail): Meaning {
  const [, , variable = "", expression = ""] = /^(var(?:iable)?\s+)?((?:[^=!<>]|[=!<>]=|->|[<>](?!=))*?)\s*=(?!=)\s*(.*)$/.exec(rest) ?? [];
  if (!variable || !expression) fail("it is VARIABLE = EXPRESSION");
  return { do: "set", variable, expression };
}

function readCount(text: string, fail: Fail): number {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  return fail(text ? `'${text}' is no count` : "a number is missing");
}

function need(text: string, what: string, fail: Fail): string {
  return text || fail(`${what} is missing`);
}
