import { expect, test } from "vitest";
import { formatError, type QpodError } from "../../../src/base/errors.ts";
import { readGdbVersion } from "../../../src/debug/gdb-dap.ts";
import { gdbErrorOf } from "../../../src/debug/gdb-error.ts";
import { readScript } from "../../../src/debug/gdb-script.ts";

const read = (text: string) => readScript(text, "x.gdb").map(({ place, text: _, ...step }) => step);

function problem(text: string): string {
  try {
    readScript(text, "x.gdb");
  } catch (error) {
    return formatError(error as QpodError);
  }
  return "";
}

test("reads commands as they are typed to gdb", () => {
  const script = `# a comment
start
b getaddrinfo if name[0] == 'x'
  tbreak file.c:12

run\r
step
n 3
bt 5
backtrace
p *hints
p/x flags
call add(1, 2)
watch total
advance *0x1234
frame 1
finish
c
kill`;
  expect(read(script)).toEqual([
    { do: "start" },
    { do: "break", location: "getaddrinfo", condition: "name[0] == 'x'", temporary: false },
    { do: "break", location: "file.c:12", temporary: true },
    { do: "run" },
    { do: "step", count: 1 },
    { do: "next", count: 3 },
    { do: "backtrace", count: 5 },
    { do: "backtrace" },
    { do: "print", expression: "*hints" },
    { do: "print", expression: "flags", format: "x" },
    { do: "call", expression: "add(1, 2)" },
    { do: "watch", expression: "total" },
    { do: "advance", location: "*0x1234" },
    { do: "frame", count: 1 },
    { do: "finish" },
    { do: "continue" },
    { do: "kill" },
  ]);
});

test.each([
  ['set name = "localhost"', "name", '"localhost"'],
  ["set var name = 0", "name", "0"],
  ["set variable list->next[1] = a == b", "list->next[1]", "a == b"],
  ["set *(int *)p=3", "*(int *)p", "3"],
  ["set variables = 2", "variables", "2"],
])("reads %s", (line, variable, expression) => expect(read(line)).toEqual([{ do: "set", variable, expression }]));

test.each([
  ["run\n  brek x", "qpod: x.gdb:2:3: 'brek' is no command of a script\n  Did you mean `break`?"],
  ["run now", "qpod: x.gdb:1:5: run: nothing may follow it, 'now' does"],
  ["step two", "qpod: x.gdb:1:6: step: 'two' is no count"],
  ["print", "qpod: x.gdb:1:6: print: an expression is missing"],
  ["break if x", "qpod: x.gdb:1:7: break: a location is missing"],
  ["break f if", "qpod: x.gdb:1:11: break: a condition is missing behind `if`"],
  ["set x", "qpod: x.gdb:1:5: set: it is VARIABLE = EXPRESSION"],
  ["set var x == 1", "qpod: x.gdb:1:5: set: it is VARIABLE = EXPRESSION"],
  ["print/q x", "qpod: x.gdb:1:6: '/q' is no format\n  Formats are those of `print`, such as /x."],
  ["step/x", "qpod: x.gdb:1:5: step: it takes no format\n  Formats are those of `print`, such as /x."],
  ["constructor", expect.stringContaining("x.gdb:1:1: 'constructor' is no command")],
])("says where %j is wrong", (text, said) => expect(problem(text)).toEqual(said));

test("knows which script line is which", () => {
  expect(readScript("\n  print a", "s")[0]).toMatchObject({ place: { file: "s", line: 2, column: 3 }, text: "print a" });
});

test.each([
  ['No symbol "x" in current context.', "no-symbol"],
  ['No symbol table is loaded.  Use the "file" command.', "no-symbol"],
  ['Function "f" not defined.', "no-location"],
  ["No source file named a.c.", "no-location"],
  ["Cannot access memory at address 0x0", "no-memory"],
  ["The program is not being run.", "not-running"],
  ["No frame selected.", "not-running"],
  ["A syntax error in expression, near `'.", "syntax"],
  ["Something that nobody has seen.", "refused"],
])("tells errors apart: %s", (message, fault) => expect(gdbErrorOf(message)).toMatchObject({ fault, fact: message.replace(/\.$/, "") }));

test("knows gdb's version, however distributors word it", () => {
  expect(readGdbVersion("GNU gdb (Debian 13.1-3) 13.1\nCopyright")).toEqual({ major: 13, text: "13.1" });
  expect(readGdbVersion("GNU gdb (GDB) Fedora Linux 14.2-1.fc40\n")).toEqual({ major: 14, text: "14.2-1.fc40" });
  expect(readGdbVersion("GNU gdb (GDB) Red Hat Enterprise Linux 7.6.1-120.el7\n")?.major).toBe(7);
  expect(readGdbVersion("LLDB 14.0\n")).toBeUndefined();
});
