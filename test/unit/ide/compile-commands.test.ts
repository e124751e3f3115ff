import { describe, expect, test } from "vitest";
import { splitCommand, translateCompileCommands } from "../../../src/ide/compile-commands.ts";

const translate = (entry: object, tree?: string) =>
  JSON.parse(translateCompileCommands(JSON.stringify([entry]), { from: "/qpod", to: "/home/u/my src", tree }) ?? "[]")[0];

describe("a compilation database", () => {
  test("has its paths where the host has them, behind options too", () => {
    const entry = {
      directory: "/qpod/build",
      file: "/qpod/a.c",
      output: "/qpod/build/a.o",
      command:
        "gcc -I/qpod/include -I /qpod -isystem /opt/x -Wl,-rpath,/qpod/lib --include=/qpod/a.h @/qpod/flags -DROOT=/qpod -o /qpod/build/a.o -c /qpod/a.c",
    };
    const root = "/home/u/my src";
    expect(translate(entry)).toEqual({
      directory: `${root}/build`,
      file: `${root}/a.c`,
      output: `${root}/build/a.o`,
      arguments: [
        ...["gcc", `-I${root}/include`, "-I", root, "-isystem", "/opt/x", `-Wl,-rpath,${root}/lib`, `--include=${root}/a.h`],
        ...[`@${root}/flags`, `-DROOT=${root}`, "-o", `${root}/build/a.o`, "-c", `${root}/a.c`],
      ],
    });
  });

  test("leaves paths that only look alike, and relative ones", () => {
    const arguments_ = ["/usr/bin/gcc", "-I/qpodder", "-I/opt/qpod", "-Iinclude", "-c", "../a.c", "/qpod.c"];
    expect(translate({ directory: "/home/u", file: "../a.c", arguments: arguments_ })).toEqual({
      directory: "/home/u",
      file: "../a.c",
      arguments: arguments_,
    });
  });

  test("names the environment's headers, unless the build names others", () => {
    expect(translate({ directory: "/", file: "a", arguments: ["gcc", "-I/etc", "-I/no/such", "a"] }, "/")).toMatchObject({
      arguments: ["gcc", "--sysroot=/", "-I/etc", "-I/no/such", "a"],
    });
    expect(translate({ directory: "/", file: "a", arguments: ["gcc", "--sysroot=/x", "a"] }, "/")).toMatchObject({
      arguments: ["gcc", "--sysroot=/x", "a"],
    });
  });

  test("that is damaged is none", () => {
    expect(translateCompileCommands("{", { to: "/" })).toBeUndefined();
    expect(translateCompileCommands("{}", { to: "/" })).toBeUndefined();
    expect(translateCompileCommands("[1, null]", { to: "/" })).toBe("[]\n");
  });

  test("may have commands that are quoted as shells do", () => {
    expect(splitCommand(`cc '-DA="x y"' "-DB=\\"z\\"" a\\ b  ''\tc`)).toEqual(["cc", '-DA="x y"', '-DB="z"', "a b", "", "c"]);
    expect(splitCommand("")).toEqual([]);
  });
});
