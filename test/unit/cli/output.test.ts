import { expect, test } from "vitest";
import { formatBytes } from "../../../src/base/text.ts";
import { makeOutput } from "../../../src/cli/output.ts";

test("JSON is one line in a pipe and indented on a terminal", () => {
  const written = (isTTY: boolean) => {
    let text = "";
    makeOutput({ isTTY, write: (part: string) => (text += part) }).json({ a: 1n });
    return text;
  };
  expect(written(false)).toBe('{"a":"1"}\n');
  expect(written(true)).toBe('{\n  "a": "1"\n}\n');
});

test("what a terminal would obey is escaped, and JSON reads back the same", () => {
  const hostile = "a\u001b[31m\u009b2J\r\n\u202eb\u{e0041}";
  let text = "";
  const output = makeOutput({ isTTY: true, write: (part: string) => (text += part) });
  output.line(hostile);
  output.table([[hostile, "c"]]);
  expect(text).toBe("a\\x1b[31m\\x9b2J\\r\\n\\u{202e}b\\u{e0041}\na\\x1b[31m\\x9b2J\\r\\n\\u{202e}b\\u{e0041}  c\n");
  text = "";
  output.json(hostile);
  expect(text).not.toMatch(/[^\x20-\x7e\n]/);
  expect(JSON.parse(text)).toBe(hostile);
});

test("a diff is a program's to read, and on a terminal in colours that are ours alone", () => {
  const written = (isTTY: boolean) => {
    let text = "";
    makeOutput({ isTTY, write: (part: string) => (text += part) }).diff("+\ta\x1b[2J\n b");
    return text;
  };
  expect(written(false)).toBe("+\ta\x1b[2J\n b\n");
  expect(written(true)).toBe("\x1b[32m+        a\\x1b[2J\x1b[m\n b\n");
});

test("sizes are in powers of 1000", () => {
  expect([0, 999, 1000, 1_550_000, 420_000_000, 3_400_000_000].map(formatBytes)).toEqual([
    "0 B",
    "999 B",
    "1.0 kB",
    "1.6 MB",
    "420 MB",
    "3.4 GB",
  ]);
});
