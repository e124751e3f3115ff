import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { explainSystemError, formatError, QpodError, remedyFor } from "../../../src/base/errors.ts";

function failing(action: () => unknown): unknown {
  try {
    action();
  } catch (error) {
    return error;
  }
  throw new Error("it did not fail");
}

test("what the kernel refuses is said with its place and a remedy, not with a stack trace", () => {
  const folder = mkdtempSync(join(tmpdir(), "qpod-errors-"));
  const explained = explainSystemError(failing(() => readFileSync(folder)));
  rmSync(folder, { recursive: true });
  expect(formatError(explained as QpodError)).toBe('qpod: the system refused "read": EISDIR\n  `qpod doctor` may know why.');
  const missing = explainSystemError(failing(() => readFileSync(folder)));
  expect(formatError(missing as QpodError)).toBe(`qpod: ${folder}: the system refused "open": ENOENT\n  \`qpod doctor\` may know why.`);
});

test("a folder that cannot be made for its file system cannot be written is told so, though Node says otherwise", () => {
  const error = Object.assign(new Error(), { code: "ENOENT", syscall: "mkdir" });
  expect(remedyFor(error)).toBe(remedyFor(Object.assign(new Error(), { code: "EROFS" })));
});

test("a mistake of our own keeps its trace, and an error of ours its words", () => {
  const mistake = new TypeError("x is not a function");
  const told = new QpodError({ fact: "told" });
  expect([explainSystemError(mistake), explainSystemError(told)]).toEqual([mistake, told]);
});
