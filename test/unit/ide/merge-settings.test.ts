import { describe, expect, test } from "vitest";
import { mergeSettings } from "../../../src/ide/merge-settings.ts";

const path = { at: ["clangd.path"], value: "/x/clangd" };
const profile = { at: ["terminal.profiles", "qpod"], value: { path: "/x/qpod-shell" } };
const task = { at: ["configurations", 0], value: { name: "old (qpod)", type: "cppdbg" } };

describe("settings", () => {
  test("are added to what is there, whose comments stay", async () => {
    const text = `{
  // mine
  "editor.tabSize": 8, /* really */
  "terminal.profiles": { "fish": {"path": "fish"} },
}
`;
    const { text: merged, kept } = (await mergeSettings(text, [path, profile, task])) as { text: string; kept: string[] };
    expect(kept).toEqual([]);
    for (const part of ["// mine\n", "/* really */", `"clangd.path": "/x/clangd"`, `"name": "old (qpod)"`]) expect(merged).toContain(part);
    expect(merged).toMatch(/"fish": \{\s*"path": "fish"\s*\}/);
    expect(await mergeSettings(merged, [path, profile, task])).toEqual({ text: merged, kept: [] });
  });

  test("make a file where there is none", async () => {
    const merged = await mergeSettings("", [path, profile, task]);
    expect(JSON.parse(merged?.text ?? "")).toEqual({
      "clangd.path": "/x/clangd",
      "terminal.profiles": { qpod: { path: "/x/qpod-shell" } },
      configurations: [{ name: "old (qpod)", type: "cppdbg" }],
    });
  });

  test("of the user's own stay", async () => {
    const text = `{ "clangd.path": "/mine", "configurations": [{ "name": "a" }, { "name": "old (qpod)", "type": "mine" }] }`;
    expect(await mergeSettings(text, [path, task])).toEqual({ text, kept: ["clangd.path", "old (qpod)"] });
  });

  test.each([
    ["damaged", "{ a"],
    ["a list", "[]"],
    ["of another shape", `{"terminal.profiles": 3}`],
    ["of another shape", `{"configurations": {}}`],
  ])("that are %s are refused", async (_, text) => {
    expect(await mergeSettings(text, [path, profile, task])).toBeUndefined();
  });
});
