import { describe, expect, test } from "vitest";
import { QpodError } from "../../../src/base/errors.ts";
import { commands } from "../../../src/cli/commands.ts";
import { parseWords } from "../../../src/cli/parse.ts";

const parse = (...words: string[]) => {
  const parsed = parseWords(words, "1.2.3");
  if ("answer" in parsed) throw new Error("only an answer");
  return { name: parsed.command.name, args: parsed.args, options: parsed.options };
};

describe("the command line", () => {
  test("options of the command that is run are left to it", () => {
    expect(parse("run", "--env", "old", "make", "--env", "x", "-j8")).toMatchObject({
      args: ["make", "--env", "x", "-j8"],
      options: { env: "old" },
    });
    expect(parse("run", "--root", "--", "--strange")).toMatchObject({ args: ["--strange"], options: { root: true } });
  });

  test("commands of two words, and options that may be repeated", () => {
    expect(parse("env", "add", "old", "--bootstrap", "bullseye", "--package", "gcc", "--package", "make")).toEqual({
      name: "env add",
      args: ["old"],
      options: { bootstrap: "bullseye", package: ["gcc", "make"] },
    });
  });

  test("a mistyped command is met with the one that was meant", () => {
    expect(() => parse("statsu")).toThrow(expect.objectContaining({ status: 2, remedy: "Did you mean `qpod status`?" }));
  });

  test("a missing argument and an unknown option are errors with status 2 and a remedy", () => {
    for (const words of [["init"], ["status", "--jsno"], ["run"]]) {
      try {
        parse(...words);
        expect.unreachable();
      } catch (error) {
        expect(error).toBeInstanceOf(QpodError);
        expect((error as QpodError).status).toBe(2);
        expect((error as QpodError).remedy).toBeTruthy();
      }
    }
  });

  test.each([
    [["init"], "`qpod init` needs an environment", "`qpod init --help` says what it takes."],
    [["status", "--jsno"], "`qpod status` has no option --jsno", "Did you mean --json?"],
    [["status", "x"], "`qpod status` takes no argument, not more", "`qpod status --help` says what it takes."],
    [["init", "a", "b"], "`qpod init` takes one argument, not more", "`qpod init --help` says what it takes."],
    [["env", "lst"], "there is no command `qpod env lst`", "Did you mean `qpod env list`?"],
    [["env", "wobble"], "there is no command `qpod env wobble`", "`qpod env` lists its commands."],
    [["run", "--env"], "`qpod run --env` needs a value", "`qpod run --help` says what it takes."],
  ])("%j is met with what is wrong in it, and where to read on", (words, fact, remedy) => {
    expect(() => parse(...words)).toThrow(expect.objectContaining({ fact, remedy, status: 2 }));
  });

  test("every command in the table has a file that can be loaded", async () => {
    for (const command of commands) expect(typeof (await command.load()).run).toBe("function");
  });
});
