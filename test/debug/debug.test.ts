import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { chmodSync, chownSync, copyFileSync, existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { debug, type Gdb } from "../../src/debug/gdb.ts";
import { furnishedSandbox } from "../support/furnished.ts";
import { onlyFor } from "../support/only-for.ts";
import { testRootfs, youngRootfs } from "../support/rootfs.ts";
import { findSettings, ordinarySettings, type Setting } from "../support/sandbox.ts";

const source = join(import.meta.dirname, "fixtures/lookup.c");
const settings = ordinarySettings();

/** The test's archive for podman leaves libc's symbols out. */
const hasSymbols = async (setting: Setting, place: string): Promise<boolean> =>
  place === "on the host"
    ? existsSync("/usr/lib/debug/.build-id")
    : setting.engine === "embedded" && existsSync(join(await testRootfs(), "usr/lib/debug/.build-id"));

describe.each(settings)("qpod debug ($title)", (setting) => {
  const places = setting.engine === "embedded" ? ["in the environment", "on the host"] : ["in the environment"];
  const sandbox = furnishedSandbox(setting);

  describe.each(places)("%s", (place) => {
    const where = place === "on the host" ? ["--host"] : [];

    beforeAll(async () => {
      const program = join(sandbox().repository, "lookup.c");
      copyFileSync(source, program);
      chownSync(program, sandbox().person.uid, sandbox().person.gid);
      const compile = ["cc", "-g", "-O0", "-o", "lookup", "lookup.c"];
      sandbox().must(where.length > 0 ? compile : [sandbox().qpod, "run", ...compile]);
    });

    const play = (lines: string[], program: string[], options: { input?: string } = {}) => {
      sandbox().write("home/src/tool/script.gdb", `${lines.join("\n")}\n`);
      return sandbox().command(["debug", ...where, "script.gdb", "--", ...program], options);
    };

    onlyFor(place !== "on the host")("is in the library, as its page says", () => {
      const page = readFileSync("docs/debug.md", "utf8");
      const [, code = "", prints] = /^```js\n([\s\S]*?)^```\n```text\n([\s\S]*?)^```$/m.exec(page) ?? [];
      const library = join(sandbox().installation.folder, "dist/library");
      const script = code.replace('"qpod"', `"${library}/index.mjs"`).replace('"qpod/debug"', `"${library}/debug.mjs"`);
      sandbox().must([sandbox().qpod, "down", "--all"]);
      expect(sandbox().must([process.execPath, sandbox().write("example.mjs", script)])).toBe(prints);
    });

    test("stops in libc, tells what it was called with, and changes that", async ({ skip }) => {
      if (!(await hasSymbols(setting, place))) skip("libc's symbols (the package libc6-dbg) are not there");
      const lines = [
        "break getaddrinfo",
        "run",
        "backtrace",
        "print name",
        "print service",
        "print *hints",
        'set name = "127.0.0.1"',
        "continue",
      ];
      const { status, stdout, stderr } = play(lines, ["./lookup", "nowhere.invalid"]);
      expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
      const said = stdout.split("\n");
      expect(said.slice(0, 2)).toEqual([
        "breakpoint 1: getaddrinfo",
        expect.stringMatching(
          /^breakpoint 1: #0 (__GI_)?getaddrinfo\(name=0x[0-9a-f]+ "nowhere.invalid", service=0x[0-9a-f]+ "1025", hints=.* at \S*getaddrinfo.c:\d+$/,
        ),
      ]);
      expect(said.slice(3, 9)).toEqual([
        expect.stringMatching(/^#1 resolve\(name=0x[0-9a-f]+ "nowhere.invalid"\) at lookup.c:16$/),
        expect.stringMatching(/^#2 main\(argc=2, argv=0x[0-9a-f]+\) at lookup.c:31$/),
        expect.stringMatching(/^name = 0x[0-9a-f]+ "nowhere.invalid"$/),
        expect.stringMatching(/^service = 0x[0-9a-f]+ "1025"$/),
        expect.stringMatching(/^\*hints = \{ai_flags = 0, ai_family = 2, ai_socktype = 2, /),
        expect.stringMatching(/^name = 0x[0-9a-f]+ "127.0.0.1"$/),
      ]);
      expect(said.slice(9)).toEqual(["nowhere.invalid: found", "exited with 0", ""]);
    });

    test("goes line by line, watches, calls and ends", () => {
      const script = [
        "start",
        "advance add",
        "next",
        "print sum",
        "set sum = 6",
        "finish",
        "step",
        "print total",
        "call add(40, 2)",
        "watch failures",
        "continue",
        "print failures + 254",
        "print/x failures + 254",
        "frame 1",
        "kill",
      ];
      const { status, stdout, stderr } = play(script, ["./lookup", "::nowhere"]);
      expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
      expect(stdout.split("\n")).toEqual([
        expect.stringMatching(/^breakpoint 1: #0 main\(argc=2, /),
        "#0 add(a=2, b=3) at lookup.c:9",
        "#0 add(a=2, b=3) at lookup.c:10",
        "sum = 5",
        "sum = 6",
        expect.stringMatching(/^returned 6 to #0 .*main\(argc=2, .* at lookup.c:29$/),
        expect.stringMatching(/^#0 main\(.* at lookup.c:30$/),
        "total = 6",
        "add(40, 2) = 42",
        "watchpoint 2: failures",
        "watchpoint 2: failures: 0 -> 1",
        expect.stringMatching(/^#0 resolve\(name=.* "::nowhere"\) at lookup.c:19$/),
        "failures + 254 = 255",
        "failures + 254 = 0xff",
        expect.stringMatching(/^#1 .*main\(argc=2, .* at lookup.c:31$/),
        "killed",
        "",
      ]);
    });

    test("gives the program what it was given: stdin, other descriptors, arguments", async () => {
      sandbox().write("home/src/tool/script.gdb", "run\n");
      const list = "sh -c 'cat; echo \"$1\" >&2; echo seven >&7; ls /proc/self/fd; exit 9' sh 'a \"b\nc' 2> errors";
      const untraced = where.length > 0 ? list : `qpod run ${list}`;
      const [real, expected] = [`qpod debug ${where.join("")} script.gdb -- ${list}`, untraced].map(
        (command) => `echo given | ${command} 7> seven; echo $?; cat seven errors`,
      );
      const said = await sandbox().say(real ?? "");
      expect(said).toContain('exited with 9\n9\nseven\na "b\nc');
      expect(said.replace("exited with 9\n", "")).toBe(await sandbox().say(expected ?? ""));
    });

    test("has the status of a program that a signal has ended, and ends what does not stop in time", () => {
      const { status, stdout } = play(["run", "continue"], ["sh", "-c", "kill -SEGV $$"]);
      expect({ status, last: stdout.split("\n").at(-2) }).toEqual({ status: 139, last: "killed by SIGSEGV" });
      expect(sandbox().command(["debug", ...where, "--timeout", "0.5", "-", "--", "sleep", "1000"], { input: "run\n" })).toEqual({
        status: 125,
        stdout: "",
        stderr: "qpod: stdin:1:1: run: the program did not stop within 0.5 seconds, and was ended\n",
      });
    });

    test("leaves neither gdb nor the program when it is killed", async () => {
      sandbox().write("home/src/tool/script.gdb", "run\n");
      const running = sandbox().start([sandbox().qpod, "debug", ...where, "script.gdb", "--", "/bin/cat"]);
      const closed = once(running, "close");
      running.stdin?.write("alive\n");
      await once(running.stdout as NodeJS.ReadableStream, "data");
      running.kill("SIGKILL");
      // gdb and the program hold these pipes as well.
      await closed;
    });

    test("says where a line failed, with gdb's reason, and a program that is not there", () => {
      expect(play(["start", "  print nowhere"], ["./lookup"])).toMatchObject({
        status: 125,
        stderr: expect.stringMatching(/^qpod: script.gdb:2:3: print nowhere: No symbol "nowhere" in current context\n/),
      });
      expect(play(["print 1", "brek main"], ["./lookup"])).toEqual({
        status: 2,
        stdout: "",
        stderr: "qpod: script.gdb:2:1: 'brek' is no command of a script\n  Did you mean `break`?\n",
      });
      expect(play(["run"], ["./no-such"])).toMatchObject({
        status: 125,
        stderr: expect.stringMatching(/^qpod: \.\/no-such: No such file/),
      });
    });
  });
});

/** Its interface differs from that of the old distribution's, and of the host's. */
describe("a script with a gdb of today", () => {
  const sandbox = furnishedSandbox(settings[0] as Setting);

  test("stops in libc and where a variable changes, and tells values", async () => {
    sandbox().write("home/.config/qpod/environments/young.yaml", `rootfs: ${await youngRootfs()}\nengine: embedded\n`);
    sandbox().write("home/src/tool/lookup.c", readFileSync(source, "utf8"));
    sandbox().must([sandbox().qpod, "run", "cc", "-g", "-O0", "-o", "lookup", "lookup.c"]);
    const input = ["break getaddrinfo", "run", "print name", "print *hints", "watch failures", "continue", "print/x failures", "kill"];
    const words = ["debug", "--env", "young", "-", "--", "./lookup", "::nowhere"];
    const { status, stdout, stderr } = sandbox().command(words, { input: input.join("\n") });
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    expect(stdout.split("\n")).toEqual([
      "breakpoint 1: getaddrinfo",
      expect.stringMatching(/^breakpoint 1: #0 (__GI_)?getaddrinfo\(name=0x[0-9a-f]+ "::nowhere", service=.* at \S*getaddrinfo.c:\d+$/),
      expect.stringMatching(/^name = 0x[0-9a-f]+ "::nowhere"$/),
      expect.stringMatching(/^\*hints = \{ai_flags = 0, ai_family = 2, ai_socktype = 2, /),
      "watchpoint 2: failures",
      "watchpoint 2: failures: 0 -> 1",
      expect.stringMatching(/^#0 resolve\(name=.* "::nowhere"\) at lookup.c:19$/),
      "failures = 0x1",
      "killed",
      "",
    ]);
  });
});

describe("a program under gdb, from the library", () => {
  const sandbox = furnishedSandbox(settings[0] as Setting);
  let program: string;
  let gdb: Gdb | undefined;

  beforeAll(() => {
    program = join(sandbox().repository, "lookup");
    execFileSync("cc", ["-g", "-O0", "-o", program, source]);
    chmodSync(program, 0o755);
  });
  afterAll(() => gdb?.end());

  test("stops, tells and goes on", async () => {
    gdb = await debug([program, "::nowhere"], { stdio: ["ignore", "pipe", 2] });
    expect(await gdb.break("add", { condition: "a == 2" })).toMatchObject({ number: 1, function: "add", line: 9, isPending: false });
    expect(await gdb.run()).toMatchObject({
      reason: "breakpoint",
      breakpoint: 1,
      frame: {
        function: "add",
        args: [
          { name: "a", value: "2" },
          { name: "b", value: "3" },
        ],
      },
    });
    expect(await gdb.watch("sum")).toMatchObject({ number: 2 });
    expect(await gdb.continue()).toMatchObject({ reason: "watchpoint", expression: "sum", after: "5" });
    expect(await gdb.continue()).toMatchObject({ reason: "scope", watchpoint: 2 });
    expect([(await gdb.backtrace(1)).length, await gdb.backtrace(0)]).toEqual([1, []]);
    await expect(gdb.frame(99)).rejects.toMatchObject({ fault: "no-location", fact: "Not enough frames in stack" });
    expect(await gdb.set("nowhere_to_be_found", "5").catch((error) => error.fault)).toBe("no-symbol");
    await expect(gdb.break("no_such_function")).rejects.toMatchObject({ fault: "no-location" });
    await expect(gdb.print("1 +")).rejects.toMatchObject({ fault: "syntax" });
    await expect(gdb.print("a\nb")).rejects.toMatchObject({ fault: "syntax" });
    await expect(gdb.print("*(int *)0")).rejects.toMatchObject({ fault: "no-memory" });
    await expect(gdb.run()).rejects.toMatchObject({ fault: "refused" });
    expect(await gdb.continue()).toEqual({ reason: "exited", status: 1 });
    await expect(gdb.continue()).rejects.toMatchObject({ fault: "not-running" });
    expect(gdb.state).toBe("gone");
    const [said] = await once(gdb.stdout as NodeJS.ReadableStream, "data");
    expect(String(said)).toMatch(/^::nowhere: /);
    await gdb.end();
    await expect(gdb.print("1")).rejects.toMatchObject({ fault: "ended" });
  });

  test("ends what does not stop in time", async () => {
    const late = await debug(["/bin/cat"], { stdio: ["pipe", "pipe", 2], timeout: 0.5 });
    const output = late.stdout as NodeJS.ReadableStream;
    const closed = once(output, "close");
    output.resume();
    await expect(late.run()).rejects.toMatchObject({ fault: "timeout" });
    await closed;
  });

  test("needs a program, and gdb", async () => {
    await expect(debug(["/no/such/program"])).rejects.toMatchObject({ fault: "no-program" });
    await expect(debug([program], { env: { PATH: "/nowhere" } })).rejects.toMatchObject({
      fault: "no-gdb",
      remedy: "Install the package `gdb`.",
    });
  });
});

// The program has no symbols, and needs root's rights under gdb; what it calls has them.
describe.runIf(process.getuid?.() === 0)("the published example", () => {
  const root = findSettings().filter(({ engine, person }) => engine === "embedded" && person.uid === 0);
  const sandbox = furnishedSandbox(root[0] as Setting);

  test("ping is stopped where it looks a name up, and is given another", ({ skip }) => {
    if (!existsSync("/usr/lib/debug/.build-id")) skip("libc's symbols (the package libc6-dbg) are not there");
    const deeds = ["break getaddrinfo", "run", "backtrace", "print name", "print service", "print *hints"];
    sandbox().write("home/src/tool/ping.gdb", [...deeds, 'set name = "127.0.0.1"', "continue", ""].join("\n"));
    const { status, stdout } = sandbox().command(["debug", "--host", "ping.gdb", "--", "ping", "-c1", "nowhere.invalid"]);
    expect(stdout).toMatch(
      /^breakpoint 1: #0 (__GI_)?getaddrinfo\(name=0x[0-9a-f]+ "nowhere\.invalid", service=.*, hints=.* at \S*getaddrinfo\.c:\d+$/m,
    );
    expect(stdout).toMatch(/^name = 0x[0-9a-f]+ "nowhere\.invalid"\nservice = 0x0\n\*hints = \{ai_flags = \d+, ai_family = \d+, /m);
    expect(stdout).toMatch(/^PING 127\.0\.0\.1 .*\n64 bytes from /m);
    expect([status, stdout.split("\n").at(-2)]).toEqual([0, "exited with 0"]);
  });
});
