import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readBreakpoint, readFrame, readStop } from "../../../src/debug/gdb-results.ts";
import { parseMi, quoteMi } from "../../../src/debug/mi-parse.ts";
import { type MiTuple, type MiValue, tupleOf, tuplesOf } from "../../../src/debug/mi-record.ts";

/** What gdb wrote as it debugged a small program that looks a name up. */
const readRecorded = (name: string) =>
  readFileSync(join(import.meta.dirname, "recorded", name), "utf8")
    .split("\n")
    .filter(Boolean)
    .map((line) => parseMi(line));

describe.each(["gdb-10.mi", "gdb-13.mi"])("%s", (name) => {
  const records = readRecorded(name);
  const answer = (token: number) =>
    records.find((one) => one.kind === "result" && one.token === token) as Extract<(typeof records)[0], { kind: "result" }>;
  const stops = records.flatMap((one) => (one.kind === "event" && one.name === "stopped" ? [readStop(one.results)] : []));

  test("is understood line by line", () => {
    expect(records.filter(({ kind }) => kind === "other")).toEqual([]);
    expect(answer(16)).toMatchObject({ name: "exit" });
    expect(records.filter(({ kind }) => kind === "prompt").length).toBeGreaterThan(5);
  });

  test("tells why the program stopped", () => {
    expect(stops[0]).toMatchObject({
      reason: "breakpoint",
      breakpoint: 1,
      frame: {
        function: "__GI_getaddrinfo",
        args: [
          { name: "name" },
          { name: "service", value: expect.stringMatching(/^0x[0-9a-f]+ "1025"$/) },
          { name: "hints" },
          { name: "pai" },
        ],
      },
    });
    expect(stops[name === "gdb-13.mi" ? 2 : 1]).toMatchObject(
      name === "gdb-13.mi" ? { reason: "exited", status: 0 } : { reason: "watchpoint", before: "0", after: "1" },
    );
  });

  test("tells values, frames and what is wrong", () => {
    expect(answer(3)).toMatchObject({ name: "error", results: { msg: 'Function "nosuch" not defined.' } });
    expect(answer(9).results.value).toMatch(/^\{ai_flags = 0, ai_family = 2, /);
    const frames = tuplesOf(answer(7).results["stack-args"]).map(readFrame);
    expect(frames.map(({ args }) => args.length)).toEqual([4, 1, 2]);
    expect(readBreakpoint(tupleOf(answer(12).results.wpt) ?? {}, "failures")).toMatchObject({ number: 2, asked: "failures" });
  });
});

test.each<[string, object]>([
  ["(gdb) ", { kind: "prompt" }],
  ["12^done", { kind: "result", token: 12, name: "done", results: {} }],
  ["^running", { kind: "result", name: "running", results: {} }],
  [String.raw`~"a\tb\n\"q\" \303\244 \\n"`, { kind: "text", sign: "~", text: 'a\tb\n"q" ä \\n' }],
  [String.raw`@"\377"`, { kind: "text", sign: "@", text: "\xff" }],
  ['^done,a={},b=[],c=[{d="1"},"2"]', { kind: "result", name: "done", results: { a: {}, b: [], c: [{ d: "1" }, "2"] } }],
  ['=thread-group-added,id="i1"', { kind: "event", sign: "=", name: "thread-group-added", results: { id: "i1" } }],
  [
    '*stopped,thread-ids={thread-id="1",thread-id="2"}',
    { kind: "event", sign: "*", name: "stopped", results: { "thread-ids": { "thread-id": ["1", "2"] } } },
  ],
  [
    '^done,stack=[frame={level="0"},frame={level="1"}]',
    { kind: "result", name: "done", results: { stack: [{ level: "0" }, { level: "1" }] } },
  ],
  [
    '^done,bkpt={number="1",addr="<MULTIPLE>"},{number="1.1"}',
    { kind: "result", name: "done", results: { bkpt: [{ number: "1", addr: "<MULTIPLE>" }, { number: "1.1" }] } },
  ],
  ["warning: something else", { kind: "other", text: "warning: something else" }],
  ['^done,a="unfinished', { kind: "other", text: '^done,a="unfinished' }],
  ['^done,__proto__="x"', { kind: "result", name: "done", results: JSON.parse('{"__proto__":"x"}') }],
])("reads %s", (line, record) => expect(parseMi(line)).toEqual(record));

test("a breakpoint at several places stands at the first, and one at none waits", () => {
  const several = parseMi(
    '^done,bkpt={number="1",type="breakpoint",addr="<MULTIPLE>",locations=[{number="1.1",addr="0x10",func="f",file="a.c",line="3"},{number="1.2"}]}',
  );
  expect(several.kind === "result" && readBreakpoint(tupleOf(several.results.bkpt) ?? {}, "f")).toMatchObject({
    number: 1,
    function: "f",
    line: 3,
    isPending: false,
  });
  const none = parseMi('^done,bkpt={number="2",type="breakpoint",addr="<PENDING>",pending="later"}');
  expect(none.kind === "result" && readBreakpoint(tupleOf(none.results.bkpt) ?? {}, "later")).toEqual({
    number: 2,
    kind: "breakpoint",
    isPending: true,
    asked: "later",
  });
});

const name = fc.stringMatching(/^[a-z][a-z-]{0,6}$/);
const { value: anyValue } = fc.letrec<{ value: MiValue }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.string({ unit: "grapheme" }),
    fc.array(tie("value"), { maxLength: 4 }),
    fc.dictionary(name, tie("value"), { maxKeys: 4, noNullPrototype: true }).map((one): MiTuple => one),
  ),
}));

/** As gdb writes it: not ASCII is octal, byte by byte. */
function print(value: MiValue): string {
  if (typeof value === "string") return `"${[...Buffer.from(value)].map(printByte).join("")}"`;
  if (Array.isArray(value)) return `[${value.map(print).join(",")}]`;
  return `{${Object.entries(value)
    .map(([key, one]) => `${key}=${print(one)}`)
    .join(",")}}`;
}

function printByte(byte: number): string {
  if (byte === 0x22 || byte === 0x5c) return `\\${String.fromCharCode(byte)}`;
  if (byte === 10) return "\\n";
  return byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : `\\${byte.toString(8).padStart(3, "0")}`;
}

test("reads whatever gdb can write", () => {
  fc.assert(
    fc.property(fc.nat(), anyValue, (token, value) => {
      expect(parseMi(`${token}^done,x=${print(value)}`)).toEqual({ kind: "result", token, name: "done", results: { x: value } });
    }),
  );
});

test("ends, and never fails, on what gdb does not write", () => {
  const noise = fc
    .array(fc.constantFrom(...'^*=~@&,{}[]"\\ab1 '.split(""), "done", "(gdb)"), { maxLength: 40 })
    .map((parts) => parts.join(""));
  fc.assert(
    fc.property(noise, (line) => {
      parseMi(line);
    }),
    { numRuns: 2000 },
  );
});

test("quotes words for gdb", () => {
  expect(quoteMi('a "b" \\ c')).toBe(String.raw`"a \"b\" \\ c"`);
});
