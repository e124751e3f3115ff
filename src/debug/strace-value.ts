import { descriptorName, endOfString, readString } from "./strace-string.ts";
import type { Value } from "./trace-event.ts";

/**
 * Reads the arguments of a call from `at`, which is behind its parenthesis.
 * @returns them and the place behind the closing parenthesis; undefined when there is none.
 */
export function readArguments(text: string, at: number): { args: Value[]; end: number } | undefined {
  const reader = new Reader(text, at);
  const { items, cut } = reader.list(")");
  if (!reader.closed) return undefined;
  return { args: cut ? [...items, { type: "raw", text: "..." }] : items, end: reader.at };
}

/** One value alone, such as what a signal came with. Never fails: what is not understood is `raw`. */
export function readValue(text: string): Value {
  const reader = new Reader(text, 0);
  const value = reader.value();
  return reader.at === text.length ? value : { type: "raw", text };
}

const descriptorBehind = new RegExp(`(?<=\\w)${descriptorName}`, "y");
const closing = new Set([",", ")", "]", "}"]);
const opening: Record<string, string> = { "(": ")", "[": "]", "{": "}" };

class Reader {
  readonly text: string;
  at: number;
  closed = false;

  constructor(text: string, at: number) {
    this.text = text;
    this.at = at;
  }

  /** Values up to the closing character, which is taken. */
  list(end: string): { items: Value[]; names: (string | undefined)[]; cut: boolean } {
    const items: Value[] = [];
    const names: (string | undefined)[] = [];
    let cut = false;
    this.closed = false;
    for (;;) {
      this.#space();
      if (this.at >= this.text.length) break;
      const character = this.text[this.at] as string;
      if (character === end) {
        this.at++;
        this.closed = true;
        break;
      }
      if (character === ",") this.at++;
      else if (closing.has(character)) break;
      else if (this.text.startsWith("...", this.at)) {
        this.at += 3;
        cut = true;
      } else {
        names.push(end === ")" ? this.#argumentName() : this.#name());
        items.push(this.value());
        // A list within may have lacked its end; ours is another.
        this.closed = false;
      }
    }
    return { items, names, cut };
  }

  /** Up to the next separator on this level. */
  value(): Value {
    const start = this.at;
    const before = this.#primary();
    this.#space();
    if (this.text.startsWith("=> ", this.at)) {
      this.at += 3;
      return { type: "change", before, after: this.value() };
    }
    if (this.at >= this.text.length || closing.has(this.text[this.at] as string)) return before;
    this.at = start;
    return scalar(this.#balanced());
  }

  #primary(): Value {
    switch (this.text[this.at]) {
      case '"':
        return this.#string();
      case "[":
        return this.#array();
      case "{":
        return this.#struct();
      case "@": {
        // The name of an abstract socket, whose first byte is 0.
        if (this.text[this.at + 1] !== '"') break;
        this.at++;
        const name = this.#string();
        return name.type === "string" ? { ...name, text: `\0${name.text}`, ...(name.hex ? { hex: `00${name.hex}` } : {}) } : name;
      }
      case "~":
        if (this.text[this.at + 1] !== "[") break;
        this.at++;
        return { ...this.#array(), negated: true };
    }
    const called = /[A-Za-z_]\w*\(/y;
    called.lastIndex = this.at;
    const name = called.exec(this.text)?.[0];
    if (!name) return scalar(this.#balanced());
    this.at += name.length;
    return { type: "function", name: name.slice(0, -1), args: this.list(")").items };
  }

  #string(): Value {
    const end = endOfString(this.text, this.at);
    if (end < 0) return { type: "raw", text: this.#rest() };
    const value = readString(this.text.slice(this.at, end));
    this.at = end;
    if (!this.text.startsWith("...", end)) return value;
    this.at += 3;
    return { ...value, cut: true };
  }

  #array(): Extract<Value, { type: "array" }> {
    this.at++;
    const { items, cut } = this.list("]");
    // Sets of signals and of descriptors have spaces between.
    const words =
      items.length === 1 && items[0]?.type === "raw" && /^[\w+]+( [\w+]+)+$/.test(items[0].text) ? items[0].text.split(" ") : undefined;
    return { type: "array", items: words ? words.map(scalar) : items, ...(cut ? { cut: true as const } : {}) };
  }

  #struct(): Value {
    this.at++;
    const { items, names, cut } = this.list("}");
    const fields: Record<string, Value> = {};
    const nameless: Value[] = [];
    for (const [i, item] of items.entries()) {
      const name = names[i];
      if (name === undefined || Object.hasOwn(fields, name)) nameless.push(item);
      else Object.defineProperty(fields, name, { value: item, enumerable: true, configurable: true, writable: true });
    }
    return { type: "struct", fields, ...(nameless.length > 0 ? { items: nameless } : {}), ...(cut ? { cut: true as const } : {}) };
  }

  /** `sin_port=`, before a field's value. */
  #name(): string | undefined {
    return this.#take(/([A-Za-z_][\w.]*)=(?!=)/y);
  }

  /** clone names its arguments: `flags=CLONE_VM`. What is behind the sign says the rest. */
  #argumentName(): string | undefined {
    return this.#take(/([a-z_][a-z_0-9]*)=(?!=)/y);
  }

  #take(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.at;
    const match = pattern.exec(this.text);
    if (match) this.at += match[0].length;
    return match?.[1];
  }

  #space(): void {
    for (;;) {
      while (this.text[this.at] === " ") this.at++;
      if (!this.text.startsWith("/*", this.at)) return;
      const end = this.text.indexOf("*/", this.at);
      if (end < 0) return;
      this.at = end + 2;
    }
  }

  /** The text up to the next separator outside of strings, parentheses and the names of descriptors. */
  #balanced(): string {
    const start = this.at;
    const open: string[] = [];
    while (this.at < this.text.length) {
      const character = this.text[this.at] as string;
      if (open.length === 0 && (closing.has(character) || this.text.startsWith(" => ", this.at) || this.text.startsWith(" /*", this.at)))
        break;
      const path = character === "<" ? matchAt(descriptorBehind, this.text, this.at) : undefined;
      if (path) this.at += path.length;
      else if (character === '"') {
        const end = endOfString(this.text, this.at);
        this.at = end < 0 ? this.text.length : end;
      } else {
        if (opening[character]) open.push(opening[character]);
        else if (character === open.at(-1)) open.pop();
        this.at++;
      }
    }
    return this.text.slice(start, this.at).trimEnd();
  }

  #rest(): string {
    const rest = this.text.slice(this.at);
    this.at = this.text.length;
    return rest;
  }
}

function matchAt(pattern: RegExp, text: string, at: number): string | undefined {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0];
}

/** What is neither string, list nor structure. */
function scalar(text: string): Value {
  if (/^-?(\d+|0x[0-9a-f]+)$/i.test(text)) return { type: "number", value: readNumber(text), text };
  const descriptor = /^(-?\d+|[A-Z_]+)<(.*)>$/s.exec(text);
  if (descriptor) {
    const [, value = "", path = ""] = descriptor;
    return { type: "descriptor", value: /^-?\d/.test(value) ? Number(value) : value, path };
  }
  if (/^&?[A-Za-z_]\w*$/.test(text)) return { type: "symbol", name: text };
  if (/^\w+(\|\w+)+$/.test(text)) return { type: "flags", names: text.split("|") };
  return { type: "raw", text };
}

/** Decimal, octal with a leading 0, hexadecimal; a bigint where a number is not exact. */
export function readNumber(text: string): number | bigint {
  const negative = text.startsWith("-");
  const digits = negative ? text.slice(1) : text;
  const value = BigInt(/^0[0-7]+$/.test(digits) ? `0o${digits.slice(1)}` : digits);
  const signed = negative ? -value : value;
  return value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(signed) : signed;
}
