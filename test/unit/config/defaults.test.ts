import { describe, expect, test } from "vitest";
import { defaultCommandGlobs, defaultCommands, splitCommands, splitHost } from "../../../src/config/defaults.ts";
import { findDistribution, listReleases } from "../../../src/config/releases.ts";

describe("the default commands", () => {
  test.each([
    "make",
    "waf",
    "cmake",
    "ninja",
    "meson",
    "configure",
    "autoreconf",
    "gcc",
    "c++",
    "clang",
    "ld",
    "as",
    "ar",
    "gdb",
    "gdbserver",
    "strace",
    "ltrace",
  ])("have %s", (name) => {
    expect(defaultCommands).toContain(name);
  });

  test.each(["git", "vim", "ls", "python", "bash", "ssh", "cp"])("do not have %s", (name) => {
    expect(defaultCommands).not.toContain(name);
  });

  test("are each given once, with no version and no path", () => {
    expect(new Set(defaultCommands).size).toBe(defaultCommands.length);
    expect([...defaultCommands, ...defaultCommandGlobs].filter((name) => /[\s/]|\d\.\d/.test(name))).toEqual([]);
  });
});

test("an environment's commands are parted into names and globs, sorted by bytes", () => {
  expect(splitCommands(["b", "*-x", "a", "b", "Z"], false)).toEqual({ names: ["Z", "a", "b"], globs: ["*-x"] });
  const { names, globs } = splitCommands(["mkimage"], true);
  expect(names).toEqual(expect.arrayContaining(["mkimage", "make"]));
  expect(globs).toContain("*-gcc");
});

test("what stays on the host is parted into names and paths, .git always among them", () => {
  expect(splitHost(["git", "tools/**", "git-*"])).toEqual({ names: ["git", "git-*"], paths: [".git/**", "tools/**"] });
});

test("no release's name stands for two distributions", () => {
  expect(new Set(listReleases()).size).toBe(listReleases().length);
  expect([findDistribution("bullseye"), findDistribution("trusty"), findDistribution("beowulf")]).toEqual(["debian", "ubuntu", undefined]);
});
