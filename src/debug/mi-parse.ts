import type { MiRecord, MiTuple, MiValue } from "./mi-record.ts";

/** Reads one line of gdb's output, without its end. Never fails: what is no record is `other`. */
export function parseMi(line: string): MiRecord {
  if (/^\(gdb\) ?$/.test(line)) return { kind: "prompt" };
  try {
    return parseRecord(line) ?? { kind: "other", text: line };
  } catch (error) {
    if (error instanceof Misread) return { kind: "other", text: line };
    throw error;
  }
}

class Misread extends Error {}

function parseRecord(line: string): MiRecord | undefined {
  const sign = line[0];
  if (sign === "~" || sign === "@" || sign === "&") {
    const reader = new Reader(line, 1);
    const text = reader.string();
    reader.expectEnd();
    return { kind: "text", sign, text };
  }
  const head = /^(\d*)([\^*=+])([A-Za-z][\w-]*)/.exec(line);
  if (!head) return undefined;
  const reader = new Reader(line, head[0].length);
  const results = reader.results();
  reader.expectEnd();
  const token = head[1] ? { token: Number(head[1]) } : {};
  const name = head[3] ?? "";
  if (head[2] === "^") return { kind: "result", ...token, name, results };
  return { kind: "event", sign: head[2] as "*" | "=" | "+", ...token, name, results };
}

class Reader {
  readonly text: string;
  at: number;

  constructor(text: string, at: number) {
    this.text = text;
    this.at = at;
  }

  /** `,name=value,...` up to the end of the line. */
  results(): MiTuple {
    const pairs: [string, MiValue][] = [];
    while (this.#accept(",")) this.#pair(pairs);
    return collect(pairs);
  }

  expectEnd(): void {
    if (this.at !== this.text.length) throw new Misread();
  }

  /** Values without a name follow one that has a name: gdb before 9 wrote a breakpoint's places so. */
  #pair(pairs: [string, MiValue][]): void {
    const name = /[A-Za-z_][\w.-]*(?==)/y;
    name.lastIndex = this.at;
    const found = name.exec(this.text)?.[0];
    if (found) this.at += found.length + 1;
    const last = found ?? pairs.at(-1)?.[0];
    if (last === undefined) throw new Misread();
    pairs.push([last, this.#value()]);
  }

  #value(): MiValue {
    if (this.text[this.at] === '"') return this.string();
    if (this.#accept("{")) {
      const pairs: [string, MiValue][] = [];
      if (!this.#accept("}")) {
        do this.#pair(pairs);
        while (this.#accept(","));
        this.#expect("}");
      }
      return collect(pairs);
    }
    this.#expect("[");
    return this.#list();
  }

  /** Of values, or of results whose names say nothing more. */
  #list(): MiValue[] {
    const items: MiValue[] = [];
    if (this.#accept("]")) return items;
    do {
      const name = /[A-Za-z_][\w.-]*=/y;
      name.lastIndex = this.at;
      this.at += name.exec(this.text)?.[0].length ?? 0;
      items.push(this.#value());
    } while (this.#accept(","));
    this.#expect("]");
    return items;
  }

  string(): string {
    const pattern = /"((?:[^"\\]|\\[\s\S])*)"/y;
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.text);
    if (!found) throw new Misread();
    this.at += found[0].length;
    return unescapeText(found[1] ?? "");
  }

  #accept(character: string): boolean {
    if (this.text[this.at] !== character) return false;
    this.at++;
    return true;
  }

  #expect(character: string): void {
    if (!this.#accept(character)) throw new Misread();
  }
}

function collect(pairs: readonly [string, MiValue][]): MiTuple {
  const counts = new Map<string, number>();
  for (const [name] of pairs) counts.set(name, (counts.get(name) ?? 0) + 1);
  const tuple: MiTuple = {};
  const put = (name: string, value: MiValue) =>
    Object.defineProperty(tuple, name, { value, enumerable: true, configurable: true, writable: true });
  for (const [name, value] of pairs) {
    if (counts.get(name) === 1) put(name, value);
    else if (Object.hasOwn(tuple, name)) (tuple[name] as MiValue[]).push(value);
    else put(name, [value]);
  }
  return tuple;
}

const letters: Record<string, string> = { n: "\n", t: "\t", r: "\r", f: "\f", b: "\b", v: "\v", a: "\x07", e: "\x1b" };

/** Bytes that are not ASCII come in octal, one by one: together they are UTF-8. */
function unescapeText(text: string): string {
  if (!text.includes("\\")) return text;
  return text.replaceAll(/(?:\\[0-3][0-7]{2})+|\\([\s\S])/g, (whole, letter: string | undefined) => {
    if (letter !== undefined) return letters[letter] ?? letter;
    const bytes = Buffer.from(
      whole
        .slice(1)
        .split("\\")
        .map((octal) => Number.parseInt(octal, 8)),
    );
    const decoded = bytes.toString("utf8");
    return Buffer.from(decoded).equals(bytes) ? decoded : bytes.toString("latin1");
  });
}

/** A word for a command of the machine interface. */
export function quoteMi(text: string): string {
  return `"${text.replaceAll(/["\\]/g, "\\$&").replaceAll("\n", "\\n")}"`;
}
