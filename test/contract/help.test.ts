import { spawnSync } from "node:child_process";
import { closeSync, mkdtempSync, openSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { commands } from "../../src/cli/commands.ts";
import { copyInstallation, type Installation } from "../support/installation.ts";
import { findSettings, Sandbox } from "../support/sandbox.ts";

let installation: Installation;
let folder: string;
let qpod: string;
let main: string;

beforeAll(() => {
  installation = copyInstallation();
  folder = mkdtempSync(join(tmpdir(), "qpod-help-"));
  const made = spawnSync("make", ["--old-file=build", "install", `DESTDIR=${folder}`, "PREFIX=/usr"], { encoding: "utf8" });
  expect(made).toMatchObject({ status: 0, stderr: "" });
  qpod = join(folder, "usr/bin/qpod");
  main = join(folder, "usr/lib/qpod/main.js");
});

afterAll(() => {
  installation.remove();
  rmSync(folder, { recursive: true, force: true });
});

/** What the installed qpod prints where there is no Node to be found. */
function withoutNode(words: readonly string[], program = qpod) {
  const { status, stdout, stderr } = spawnSync(program, words, { encoding: "utf8", env: { PATH: "/nonexistent" } });
  return { status, stdout, stderr };
}

function byNode(words: readonly string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [main, ...words], { encoding: "utf8" });
  return { status, stdout, stderr };
}

describe("help and version, as the installed qpod prints them without Node", () => {
  test.each(["", "env", ...commands.map((one) => one.name)])("of qpod %s: the same as Node prints", (name) => {
    const words = name === "" ? [] : name.split(" ");
    const printed = withoutNode([...words, "--help"]);
    expect(printed).toEqual({ status: 0, stdout: expect.stringMatching(/^Usage: qpod .*\n/), stderr: "" });
    expect(byNode([...words, "--help"])).toEqual(printed);
    expect(withoutNode(["help", ...words])).toEqual(printed);
    expect(withoutNode([...words, "-h"])).toEqual(printed);
  });

  test("when nothing is asked for, and as a session's", () => {
    expect(withoutNode([])).toEqual(withoutNode(["--help"]));
    expect(byNode([])).toEqual(withoutNode([]));
    expect(withoutNode(["--help"], join(folder, "usr/bin/qpod-shell"))).toEqual(withoutNode(["help", "shell"]));
    expect(withoutNode(["--version"])).toEqual(byNode(["--version"]));
  });

  test("of a command, wherever in its words it is asked for", () => {
    expect(byNode(["env", "add", "old", "--host", "--help"])).toEqual(withoutNode(["env", "add", "--help"]));
    expect(byNode(["run", "--root", "-h"])).toEqual(withoutNode(["run", "--help"]));
    expect(byNode(["--help", "--version"])).toEqual(withoutNode([]));
  });

  test("lines fit in 80 columns, since the terminal is not asked", () => {
    expect(
      withoutNode([])
        .stdout.split("\n")
        .filter((line) => line.length > 80),
    ).toEqual([]);
  });

  test("of what is no command is an error, in Node's words", () => {
    for (const words of [
      ["help", "statsu"],
      ["help", "../version"],
      ["help", "env", "nope"],
      ["statsu", "--help"],
    ])
      expect(byNode(words)).toMatchObject({ status: 2, stdout: "", stderr: expect.stringMatching(/^qpod: .*\n {2}.*\n$/) });
    const { status, stderr } = spawnSync(qpod, ["help", "statsu"], { encoding: "utf8" });
    expect([status, stderr]).toEqual([2, "qpod: there is no command `qpod statsu`\n  Did you mean `qpod status`?\n"]);
  });

  test("says so when it cannot be written, and nothing to a reader that went away", () => {
    const full = openSync("/dev/full", "w");
    const { status, stderr } = spawnSync(qpod, ["--help"], { encoding: "utf8", stdio: ["ignore", full, "pipe"] });
    closeSync(full);
    expect([status, stderr]).toEqual([125, "qpod: cannot write the help: No space left on device\n"]);
    expect(spawnSync("bash", ["-c", `set -o pipefail; "${qpod}" --help | true`], { encoding: "utf8" })).toMatchObject({
      status: 0,
      stderr: "",
    });
  });
});

test("qpod explain says the same whether the program in front or Node asks", async () => {
  const setting = findSettings()[0];
  if (!setting) throw new Error("nobody to be");
  const sandbox = new Sandbox(setting, installation);
  try {
    await sandbox.furnish();
    sandbox.must([sandbox.qpod, "up"]);
    for (const words of [["make"], ["--json", "make"], ["--json", "--", "ls"], ["./none", "--json"]]) {
      const asked = sandbox.must([sandbox.qpod, "explain", ...words]);
      expect(asked).toBe(sandbox.must([process.execPath, join(installation.folder, "dist/main.js"), "explain", ...words]));
      expect(asked).not.toContain("QPOD_EXPLANATION");
    }
  } finally {
    sandbox.remove();
  }
});
