/** What gdb says in its machine interface, line by line. */
export type MiRecord =
  /** The answer to a command: ^done, ^running, ^error. */
  | { kind: "result"; token?: number; name: string; results: MiTuple }
  /** *stopped, *running; =breakpoint-modified and the like; +download. */
  | { kind: "event"; sign: "*" | "=" | "+"; token?: number; name: string; results: MiTuple }
  /** Text: `~` for the console, `@` of the target, `&` gdb's log. */
  | { kind: "text"; sign: "~" | "@" | "&"; text: string }
  | { kind: "prompt" }
  /** No line of the interface: what the program, or a library in gdb, wrote between. */
  | { kind: "other"; text: string };

export type MiValue = string | MiTuple | MiValue[];
/** A name that comes more than once has a list of its values. */
export interface MiTuple {
  [name: string]: MiValue;
}

/** The text of a constant; "" when there is none of this name. */
export function textOf(tuple: MiTuple, name: string): string {
  const value = tuple[name];
  return typeof value === "string" ? value : "";
}

export function tupleOf(value: MiValue | undefined): MiTuple | undefined {
  return value !== undefined && typeof value === "object" && !Array.isArray(value) ? value : undefined;
}

/** A list's tuples. gdb writes a list of one as the one. */
export function tuplesOf(value: MiValue | undefined): MiTuple[] {
  const list: MiValue[] = Array.isArray(value) ? value : value === undefined ? [] : [value];
  return list.map(tupleOf).filter((one) => one !== undefined);
}
