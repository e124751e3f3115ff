import { spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";

const folder = resolve("docs/process");
const pages = readdirSync(folder);

/** Each example, and what it prints. */
function examplesOf(page: string): [string, string][] {
  const text = readFileSync(join(folder, page), "utf8");
  return [...text.matchAll(/^```js\n([\s\S]*?)^```\n```text\n([\s\S]*?)^```$/gm)].map(([, code = "", prints = ""]) => [code, prints]);
}

describe.each(pages)("docs/process/%s", (page) => {
  const examples = examplesOf(page);

  test.each(examples)("prints what it says (%#)", (code, prints) => {
    // Inside of the checkout, where "qpod/process" is this package.
    mkdirSync("test/tmp", { recursive: true });
    const file = resolve(`test/tmp/example-${process.pid}-${page}.mjs`);
    writeFileSync(file, code);
    onTestFinished(() => rmSync(file));
    const { stdout, stderr } = spawnSync(process.execPath, [file], { encoding: "utf8" });
    expect([stdout, stderr]).toEqual([prints, ""]);
  });

  test("has links that lead somewhere", () => {
    for (const [, link = ""] of readFileSync(join(folder, page), "utf8").matchAll(/\]\(([a-z-]+\.md)\)/g)) expect(pages).toContain(link);
  });
});

test("most pages have an example", () => {
  expect(pages.filter((page) => examplesOf(page).length > 0).length).toBeGreaterThan(8);
});

test("elsewhere than on Linux, importing it is an error that says so", () => {
  const code = 'Object.defineProperty(process, "platform", { value: "darwin" }); await import("qpod/process")';
  const { status, stderr } = spawnSync(process.execPath, ["--input-type=module", "-e", code], { encoding: "utf8" });
  expect(status).toBe(1);
  expect(stderr).toContain("qpod/process works on Linux only, not on darwin");
});
