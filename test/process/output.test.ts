import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { PassThrough, Readable } from "node:stream";
import { expect, test } from "vitest";
import { command } from "../../src/process/index.ts";
import { eachWay, failureOf, makeFolder } from "./ways.ts";

const folder = makeFolder();

eachWay("what goes in and comes out", (way) => {
  const sh = (script: string) => command("sh", ["-c", script]).way(way);

  test("stdin from a buffer; stdout, stderr to separate buffers; a rerun replaces the old buffer", async () => {
    const one = sh("cat; echo err >&2").input("given");
    for (let i = 0; i < 2; i++) expect(await one.run()).toMatchObject({ stdout: "given", stderr: "err\n" });
    expect(await command("true").way(way).run()).toMatchObject({ stdout: "", stderr: "" });
    expect(
      (
        await command("cat")
          .way(way)
          .input(Buffer.from([0xff, 0]))
          .encoding("buffer")
          .run()
      ).stdout,
    ).toEqual(Buffer.from([0xff, 0]));
    expect(await sh("echo e >&2; cat").run()).toMatchObject({ stdout: "", stderr: "e\n" });
  });

  test("both into one buffer in write order", async () => {
    const { stdout, stderr } = await sh("for i in 1 2 3; do echo out$i; echo err$i >&2; done").joinOutput().run();
    expect([stdout, stderr]).toEqual(["out1\nerr1\nout2\nerr2\nout3\nerr3\n", ""]);
  });

  test("100 kB into a child which closed its stdin: no EPIPE failure", async () => {
    expect(await sh("exec <&-; echo done").input("x".repeat(100_000)).run()).toMatchObject({ stdout: "done\n", exitCode: 0 });
    const stream = Readable.from(Array.from({ length: 100 }, () => Buffer.alloc(1000)));
    expect((await sh("exec <&-; echo done").stdin(stream).run()).stdout).toBe("done\n");
  });

  test("two 128 kB inputs beside stdin: no deadlock", async () => {
    const [first, second] = ["a", "b"].map((letter) => letter.repeat(128 << 10));
    const one = sh("cat <&7; cat; cat <&5")
      .input("-")
      .inputAt(5, first as string)
      .inputAt(7, second as string);
    expect((await one.run()).stdout).toBe(`${second}-${first}`);
  });

  test("three megabytes through buffers, pipes and streams", async () => {
    const bytes = Buffer.alloc(3_000_000, "0123456789");
    expect((await command("cat").way(way).input(bytes).encoding("buffer").run()).stdout.equals(bytes)).toBe(true);
    const through = new PassThrough();
    const chunks: Buffer[] = [];
    through.on("data", (chunk: Buffer) => chunks.push(chunk));
    await command("cat")
      .way(way)
      .stdin(Readable.from([bytes]))
      .stdout(through)
      .run();
    expect(Buffer.concat(chunks).equals(bytes)).toBe(true);
    const child = await command("cat").way(way).stdin("pipe").stdout("pipe").start();
    child.stdin?.end(bytes);
    let size = 0;
    child.stdout?.on("data", (chunk: Buffer) => (size += chunk.length));
    await Promise.all([once(child.stdout as Readable, "end"), child.wait()]);
    expect(size).toBe(bytes.length);
  });

  test("files, and descriptors of ours", async () => {
    const [from, to] = [join(folder, `from-${way}`), join(folder, `to-${way}`)];
    writeFileSync(from, "text");
    await command("cat").way(way).stdin({ file: from }).stdout({ file: to }).run();
    await sh("echo more").stdout({ file: to, append: true }).run();
    expect(readFileSync(to, "utf8")).toBe("textmore\n");
    await sh("echo anew").stdout({ file: to }).stderr("null").run();
    expect(readFileSync(to, "utf8")).toBe("anew\n");
    const error = await failureOf(sh("true").stdin({ file: "/none" }).run());
    expect([error.kind, error.step, error.argument, error.code]).toEqual(["set-up", "open", "/none", "ENOENT"]);
    expect((await sh("echo through > /dev/stdout").run()).stdout).toBe("through\n");
  });

  test("a background grandchild that holds stdout does not delay the result of a child that ended", async () => {
    const begin = performance.now();
    const { stdout } = await sh("sleep 50 & echo $!").run();
    process.kill(Number(stdout));
    expect(performance.now() - begin).toBeLessThan(40_000);
    // Longer than the grace in all, but never silent for as long.
    const talking = sh("(for i in 1 2 3 4; do sleep 1; echo late$i; done) & echo first").outputGrace(3000);
    expect((await talking.run()).stdout).toBe("first\nlate1\nlate2\nlate3\nlate4\n");
  });

  test("lines, one by one; a failure comes at their end", async () => {
    const lines: string[] = [];
    for await (const line of sh("printf 'a\\r\\nb\\n\\nc'").lines()) lines.push(line);
    expect(lines).toEqual(["a", "b", "", "c"]);
    for await (const line of command("true").way(way).lines()) lines.push(line);
    const silent = await command("true").way(way).stdout("pipe").start();
    await silent.wait();
    await new Promise((done) => setTimeout(done, 50));
    for await (const line of silent) lines.push(line);
    expect(lines).toHaveLength(4);
    const failing = async () => {
      for await (const line of sh("echo x; exit 5").lines()) lines.push(line);
    };
    expect((await failureOf(failing())).exitCode).toBe(5);
    for await (const line of command("yes").way(way).lines()) {
      expect(line).toBe("y");
      break;
    }
  });
});
