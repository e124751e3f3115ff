import fc from "fast-check";
import { expect, test } from "vitest";
import { readArguments, readValue } from "../../../src/debug/strace-value.ts";
import type { Value } from "../../../src/debug/trace-event.ts";

const number = (text: string): Value => ({ type: "number", value: Number(text), text });
const symbol = (name: string): Value => ({ type: "symbol", name });
const string = (text: string): Value => ({ type: "string", text });

test.each<[string, Value]>([
  ["3", number("3")],
  ["-1", number("-1")],
  ["0x10", number("0x10")],
  ["0640", { type: "number", value: 0o640, text: "0640" }],
  ["18446744073709551615", { type: "number", value: 18446744073709551615n, text: "18446744073709551615" }],
  ["NULL", symbol("NULL")],
  ["O_RDONLY|O_CLOEXEC", { type: "flags", names: ["O_RDONLY", "O_CLOEXEC"] }],
  [String.raw`"a\"b\\c\n\t\0\1\12\303\244"`, string('a"b\\c\n\t\0\x01\nä')],
  [String.raw`"\x41\x00"`, string("A\0")],
  [String.raw`"\177ELF\377"`, { type: "string", text: "\x7fELF\xff", hex: "7f454c46ff" }],
  ['"abc"...', { type: "string", text: "abc", cut: true }],
  ["[INT USR1 RT_1]", { type: "array", items: [symbol("INT"), symbol("USR1"), symbol("RT_1")] }],
  ["~[]", { type: "array", items: [], negated: true }],
  ['["sh", "-c", ...]', { type: "array", items: [string("sh"), string("-c")], cut: true }],
  ["{a=1, ...}", { type: "struct", fields: { a: number("1") }, cut: true }],
  ['{{st=1}, "x"}', { type: "struct", fields: {}, items: [{ type: "struct", fields: { st: number("1") } }, string("x")] }],
  ["htons(80)", { type: "function", name: "htons", args: [number("80")] }],
  ["3</etc/passwd>", { type: "descriptor", value: 3, path: "/etc/passwd" }],
  ["3<TCP:[127.0.0.1:1->127.0.0.1:2]>", { type: "descriptor", value: 3, path: "TCP:[127.0.0.1:1->127.0.0.1:2]" }],
  ["0</dev/null<char 1:3>>", { type: "descriptor", value: 0, path: "/dev/null<char 1:3>" }],
  [String.raw`5<UNIX:[1,@"q \"x\""]>`, { type: "descriptor", value: 5, path: String.raw`UNIX:[1,@"q \"x\""]` }],
  ["AT_FDCWD</home>", { type: "descriptor", value: "AT_FDCWD", path: "/home" }],
  ["{a=[0]} => {a=[7]}", { type: "raw", text: "" }],
  [
    "[{WIFEXITED(s) && WEXITSTATUS(s) == 3}]",
    { type: "array", items: [{ type: "struct", fields: {}, items: [{ type: "raw", text: "WIFEXITED(s) && WEXITSTATUS(s) == 3" }] }] },
  ],
  ["0x7ffc /* 39 vars */", number("0x7ffc")],
])("reads %s", (text, value) => {
  const read = readValue(text);
  if (text.includes("=>")) expect(read).toMatchObject({ type: "change", before: { type: "struct" }, after: { type: "struct" } });
  else expect(read).toEqual(value);
});

test("reads arguments up to their parenthesis, whatever is in strings", () => {
  const text = String.raw`"a)\" = 1", {b="]}"}, [1, 2]) = 0`;
  const read = readArguments(text, 0);
  expect(text.slice(read?.end)).toBe(" = 0");
  expect(read?.args.map(({ type }) => type)).toEqual(["string", "struct", "array"]);
  expect(readArguments('"a", {b=1', 0)).toBeUndefined();
});

const name = fc.stringMatching(/^[a-z][a-z_]{0,6}$/);
const upper = fc.stringMatching(/^[A-Z][A-Z_]{1,6}$/);
const { value: anyValue } = fc.letrec<{ value: Value }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.maxSafeInteger().map((one): Value => number(String(one))),
    upper.map(symbol),
    fc.array(upper, { minLength: 2, maxLength: 3 }).map((names): Value => ({ type: "flags", names })),
    fc.string({ unit: "binary" }).map(string),
    fc.array(tie("value"), { maxLength: 4 }).map((items): Value => ({ type: "array", items })),
    fc.dictionary(name, tie("value"), { maxKeys: 4 }).map((fields): Value => ({ type: "struct", fields: { ...fields } })),
    fc.tuple(name, fc.array(tie("value"), { maxLength: 2 })).map(([called, args]): Value => ({ type: "function", name: called, args })),
  ),
}));

/** As strace writes it. */
function print(value: Value): string {
  switch (value.type) {
    case "number":
      return value.text;
    case "symbol":
      return value.name;
    case "flags":
      return value.names.join("|");
    case "string":
      return `"${[...Buffer.from(value.text)].map(escapeByte).join("")}"`;
    case "array":
      return `[${value.items.map(print).join(", ")}]`;
    case "struct":
      return `{${Object.entries(value.fields)
        .map(([key, one]) => `${key}=${print(one)}`)
        .join(", ")}}`;
    case "function":
      return `${value.name}(${value.args.map(print).join(", ")})`;
    default:
      throw new Error(value.type);
  }
}

function escapeByte(byte: number): string {
  if (byte === 0x22 || byte === 0x5c) return `\\${String.fromCharCode(byte)}`;
  if (byte === 10) return "\\n";
  return byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : `\\${byte.toString(8).padStart(3, "0")}`;
}

test("reads whatever strace can write", () => {
  fc.assert(
    fc.property(fc.array(anyValue, { maxLength: 4 }), (values) => {
      const text = `${values.map(print).join(", ")}) = 0`;
      expect(readArguments(text, 0)).toEqual({ args: values, end: text.length - 4 });
    }),
  );
});

test("ends, and loses nothing, on what strace does not write", () => {
  const noise = fc
    .array(fc.constantFrom(...'ab1<>[]{}()"\\,=~|-/* .'.split(""), "...", "=> ", "/*"), { maxLength: 60 })
    .map((parts) => parts.join(""));
  fc.assert(
    fc.property(noise, (text) => {
      readValue(text);
      readArguments(text, 0);
    }),
    { numRuns: 2000 },
  );
});
