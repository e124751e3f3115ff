import { execFileSync } from "node:child_process";
import { describe, expect, test } from "vitest";
import { command, dryRun } from "../../src/process/index.ts";
import { eachWay, failureOf } from "./ways.ts";

/** The words as the child has them. */
const words = (stdout: string) => stdout.split("\0").slice(0, -1);
const print = ["-c", 'for word; do printf "%s\\0" "$word"; done', "sh"];

eachWay("the words and variables of a command", (way) => {
  const variables = async (make: (one: ReturnType<typeof command>) => unknown) => {
    const one = command("/usr/bin/env", ["-0"]).way(way);
    make(one);
    return Object.fromEntries(words((await one.run()).stdout).map((text) => text.split(/=(.*)/s).slice(0, 2))) as Record<string, string>;
  };

  test("pass-common environment gives exactly the common variables that are set, plus LC_ALL=C, and nothing else", async () => {
    const names = ["LD_PRELOAD", "LD_LIBRARY_PATH", "PATH", "HOME", "USER", "LOGNAME", "TMPDIR"];
    process.env.QPOD_TEST_EXTRA = "1";
    const set = names.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]]));
    expect(await variables((one) => one.envCommon())).toEqual({ ...Object.fromEntries(set), LC_ALL: "C" });
    delete process.env.QPOD_TEST_EXTRA;
  });

  test("passing one named variable; an unset name adds nothing; both combined", async () => {
    process.env.QPOD_TEST_NAMED = "x y";
    expect(await variables((one) => one.envPass("QPOD_TEST_NAMED"))).toEqual({ QPOD_TEST_NAMED: "x y" });
    expect(await variables((one) => one.envPass("QPOD_TEST_UNSET"))).toEqual({});
    expect(await variables((one) => one.envCommon().envPass("QPOD_TEST_NAMED", "QPOD_TEST_UNSET"))).toMatchObject({
      QPOD_TEST_NAMED: "x y",
      LC_ALL: "C",
    });
    delete process.env.QPOD_TEST_NAMED;
  });

  test("explicit variables; the last assignment wins", async () => {
    const make = (one: ReturnType<typeof command>) =>
      one.envNone().env({ A: "1", B: "", GONE: "x" }).env({ A: "two words", GONE: undefined }).envFormat("C", "%d-%s", 3, "x");
    expect(await variables(make)).toEqual({ A: "two words", B: "", C: "3-x" });
    expect(await variables((one) => one.envNone())).toEqual({});
    expect((await variables((one) => one.env({ ADDED: "1" }))).PATH).toBe(process.env.PATH);
  });

  test("arguments: single, formatted, pair, list, and the empty string stays an argument", async () => {
    const one = command("sh", print)
      .way(way)
      .arg("$HOME; ls *")
      .argFormat("--size=%d %s", 3, "a b")
      .argPair("a", "b c")
      .args(["x", ""])
      .arg("\n'\"");
    expect(words((await one.run()).stdout)).toEqual(["$HOME; ls *", "--size=3 a b", "a=b c", "x", "", "\n'\""]);
  });

  test("takes more words than one list of the format holds", async () => {
    const many = Array.from({ length: 70_000 }, (_, i) => String(i));
    expect(
      (
        await command("sh", ["-c", 'echo $# "$0" "${70000}"', ...many])
          .way(way)
          .run()
      ).stdout,
    ).toMatch(/^69999 0/);
  });
});

describe("the command line as text", () => {
  const awkward = ["prog", "a=b", "--flag", "value", "", "it's", "$HOME `x`", "~", "new\nline", "-n", "3", "if", "*", "\\", "#no"];

  test("is a shell-quoted form that a POSIX shell would parse back to the same argv", () => {
    for (const shell of ["dash", "bash"]) {
      const text = `set -- ${command(awkward[0] as string, awkward.slice(1))}; for word; do printf "%s\\0" "$word"; done`;
      expect(words(execFileSync(shell, ["-c", text], { encoding: "utf8" }))).toEqual(awkward);
    }
    expect(command("if", ["then"]).toString()).toBe("'if' 'then'");
  });

  test("has a line-broken form that keeps an option with its values", () => {
    expect(command("qemu", ["-m", "512", "--cpu", "a b", "file"]).toString({ lines: true })).toBe(
      "qemu \\\n  -m 512 \\\n  --cpu 'a b' file",
    );
  });
});

describe("a dry run", () => {
  test("gives a callback args, env and input, which supplies stdout, stderr and status", async () => {
    const seen: unknown[] = [];
    await dryRun(
      ({ args, env, input, cwd, text }) => {
        seen.push([args, env, input?.toString(), cwd, text]);
        return { stdout: "faked", stderr: "words", status: 3 };
      },
      async () => {
        const result = await command("/nonesuch", ["a b"]).envNone().env({ A: "1" }).input("given").cwd("/none").outcome();
        expect(result).toMatchObject({ exitCode: 3, stdout: "faked", stderr: "words" });
        expect((await failureOf(command("x").run())).message).toBe("failed with status 3: x\nwords");
      },
    );
    expect(seen[0]).toEqual([["/nonesuch", "a b"], { A: "1" }, "given", "/none", "/nonesuch 'a b'"]);
    expect(await command("true").status()).toBe(0);
  });

  test("of two parallel tests, none sees the other's", async () => {
    const one = (name: string) =>
      dryRun(
        async () => {
          await new Promise((done) => setImmediate(done));
          return { stdout: name };
        },
        async () => {
          await new Promise((done) => setImmediate(done));
          return [(await command("a").run()).stdout, (await command("b").run()).stdout];
        },
      );
    expect(
      await Promise.all([
        one("first"),
        one("second"),
        command("echo", ["real"])
          .run()
          .then(({ stdout }) => stdout),
      ]),
    ).toEqual([["first", "first"], ["second", "second"], "real\n"]);
  });

  test("feeds lines and pipes, and fakes signals", async () => {
    await dryRun(
      () => ({ stdout: "1\n2\n", signal: "SIGKILL" as const }),
      async () => {
        const lines: string[] = [];
        const error = await failureOf(
          (async () => {
            for await (const line of command("x").lines()) lines.push(line);
          })(),
        );
        expect([lines, error.kind, error.signal]).toEqual([["1", "2"], "signal", "SIGKILL"]);
      },
    );
  });
});

describe("errors made while building", () => {
  test("are kept and reported at run, with the place of the first mistake", async () => {
    const make = {
      "stdin is given twice": () => command("touch", ["/tmp/qpod-never"]).input("a").input("b").umask(-1),
      "descriptor 1 cannot be passed": () => command("true").passFd(1),
      "the limit on files cannot be -1": () => command("true").limit({ files: -1 }),
      "the arguments are no list": () => command("ls", "-l" as never),
      "the value of PORT is no string: 8080": () => command("true").env({ PORT: 8080 as never }),
      "an argument holds a NUL": () => command("true").arg("a\0b"),
      "there is no capability": () => command("true").clearCapabilities().allowCapability("CAP_NET_RAWW"),
      "512 is no umask": () => command("true").umask(0o1000),
    };
    for (const [text, build] of Object.entries(make)) {
      const error = await failureOf(build().run());
      expect(error.kind).toBe("mistake");
      expect(error.message).toContain(text);
      expect(error.place).toMatch(new RegExp(`^${import.meta.filename}:\\d+:\\d+$`));
      expect(error.result).toBeUndefined();
    }
  });

  test("an unknown option is an error", async () => {
    const error = await failureOf(command("true", [], { cwdd: "/" } as never).run());
    expect(error.message).toContain('there is no option "cwdd". Did you mean "cwd"?: true');
    expect(
      (
        await failureOf(
          command("true")
            .limit({ file: 3 } as never)
            .run(),
        )
      ).message,
    ).toContain('Did you mean "files"?');
  });

  test("options do what methods do", async () => {
    const result = await command("sh", ["-c", "pwd; echo $A; umask; cat; echo e >&2"], {
      cwd: "/usr",
      env: { A: "1" },
      umask: 0o27,
      input: "in",
      joinOutput: true,
    }).run();
    expect(result.stdout).toBe("/usr\n1\n0027\nine\n");
  });
});
