import type { Readable, Writable } from "node:stream";
import { expect, expectTypeOf, test } from "vitest";
import { type Child, type Command, type CommandError, command, type DryCommand, dryRun, type Result } from "../../src/process/index.ts";

/** Checked by `make lint`: what does not hold does not compile. */
test("types say what is returned", () => {
  const text = command("true");
  expectTypeOf(text).toEqualTypeOf<Command<string>>();
  expectTypeOf(text.cwd("/").arg("x")).toEqualTypeOf<Command<string>>();
  expectTypeOf(text.run).returns.resolves.toEqualTypeOf<Result<string>>();
  expectTypeOf(text.status).returns.resolves.toEqualTypeOf<number>();
  expectTypeOf(text.start).returns.resolves.toEqualTypeOf<Child<string>>();
  expectTypeOf(text.lines()).toEqualTypeOf<AsyncGenerator<string, void>>();
  expectTypeOf<Result["exitCode"]>().toEqualTypeOf<number | undefined>();
  expectTypeOf<Result<Buffer>["stdout"]>().toEqualTypeOf<Buffer>();
  expectTypeOf<Child["stdin"]>().toEqualTypeOf<Writable | null>();
  expectTypeOf<Child["stdout"]>().toEqualTypeOf<Readable | null>();
  expectTypeOf<Child>().toExtend<AsyncDisposable>();
  expectTypeOf<CommandError["kind"]>().toEqualTypeOf<"set-up" | "exec" | "exit" | "signal" | "mistake" | "refused" | "lost">();
  const bytes = command("true").encoding("buffer");
  expectTypeOf(bytes).toEqualTypeOf<Command<Buffer>>();
  expectTypeOf(bytes.encoding("utf8")).toEqualTypeOf<Command<string>>();
  expectTypeOf(dryRun<number>)
    .parameter(0)
    .parameter(0)
    .toEqualTypeOf<DryCommand>();
  expect(`${text}`).toBe("true x");
});

test("types refuse what is no option, no step and no way", async () => {
  const wrong = [
    // @ts-expect-error an unknown option
    command("true", [], { cwdd: "/" }),
    // @ts-expect-error a number is no argument
    command("true").arg(3),
    // @ts-expect-error an unknown step
    command("true").setUp("new-sessions"),
    // @ts-expect-error an unknown way
    command("true").way("fork"),
    // @ts-expect-error an unknown limit
    command("true").limit({ file: 1 }),
    // @ts-expect-error no encoding of ours
    command("true").encoding("latin1"),
  ];
  for (const one of wrong) await expect(one.run()).rejects.toMatchObject({ kind: "mistake" });
});
