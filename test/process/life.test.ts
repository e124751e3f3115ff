import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { chmodSync, closeSync, existsSync, fstatSync, openSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";
import { describe, expect, test, vi } from "vitest";
import { type Child, command } from "../../src/process/index.ts";
import { residentPid } from "../../src/process/resident.ts";
import { bundle } from "./bundle.ts";
import { eachWay, failureOf, makeFolder } from "./ways.ts";

const folder = makeFolder();
const isGone = (pid: number) => {
  try {
    return readFileSync(`/proc/${pid}/stat`, "latin1").split(") ")[1]?.[0] === "Z" ? "zombie" : "alive";
  } catch {
    return "gone";
  }
};
const openDescriptors = () => readdirSync("/proc/self/fd").length;

eachWay("the life of a command", (way) => {
  const sh = (script: string) => command("sh", ["-c", script]).way(way);

  test("a missing program: the run rejects with a clear error, the status is 127; 126 for one that cannot be executed", async () => {
    const error = await failureOf(command("nonesuch", ["a b"]).way(way).run());
    expect([error.kind, error.code, error.message]).toEqual(["exec", "ENOENT", "cannot run nonesuch: not found (ENOENT): nonesuch 'a b'"]);
    expect(await command("nonesuch").way(way).status()).toBe(127);
    const file = join(folder, `text-${way}`);
    writeFileSync(file, "no program", { mode: 0o644 });
    expect((await failureOf(command(file).way(way).run())).code).toBe("EACCES");
    expect(await command(file).way(way).status()).toBe(126);
    chmodSync(file, 0o755);
    expect((await failureOf(command(file).way(way).run())).message).toContain("no script with an interpreter line (ENOEXEC)");
    writeFileSync(file, "#!/none/interpreter\n");
    expect((await failureOf(command(file).way(way).run())).message).toContain("its interpreter is missing");
  });

  test("the same command object can be run twice with the same result; the child sees only fds 0, 1 and 2", async () => {
    const one = command("ls", ["/proc/self/fd"]).way(way);
    // The last is ls's own, for the folder.
    for (let i = 0; i < 2; i++) expect((await one.run()).stdout).toBe("0\n1\n2\n3\n");
  });

  test("of three open descriptors only the two that were passed reach the child, at unchanged numbers", async () => {
    const files = ["a", "b", "c"].map((name) => {
      writeFileSync(join(folder, name), name);
      return openSync(join(folder, name), "r");
    });
    const [first = 0, second = 0, third = 0] = files;
    const script = `for fd in ${files.join(" ")}; do cat <&$fd 2>/dev/null || echo closed; echo; done`;
    // dash takes one digit only.
    const one = command("bash", ["-c", script]).way(way).passFd(first).passFd(third, { closeInParent: true });
    expect((await one.run()).stdout).toBe("a\nclosed\n\nc\n");
    expect(() => fstatSync(third)).toThrow("EBADF");
    for (const fd of [first, second]) {
      fstatSync(fd);
      closeSync(fd);
    }
  });

  test("sparse descriptors keep their numbers", async () => {
    const one = command("bash", ["-c", "ls /proc/$$/fd; cat <&900; cat <&30 >&2"])
      .way(way)
      .inputAt(900, "far")
      .inputAt(30, "near")
      .joinOutput();
    expect((await one.run()).stdout.split("\n")).toEqual(expect.arrayContaining(["0", "1", "2", "30", "900", "farnear"]));
    expect(await command("bash", ["-c", "echo x >&900"]).way(way).status()).toBe(1);
  });

  test("our descriptors under other numbers, /dev/null, and pipes both ways above 2", async () => {
    writeFileSync(join(folder, "ours"), "ours\n");
    const fd = openSync(join(folder, "ours"), "r");
    const script = "cat <&7; cat <&30; echo lost >&30; cat <&8 >&9";
    const child = await command("bash", ["-c", script]).way(way).passFd(fd, { as: 7 }).nullAt(30).pipeTo(8).pipeFrom(9).start();
    closeSync(fd);
    (child.stream(8) as Writable).end("round\n");
    let round = "";
    for await (const chunk of child.stream(9) as Readable) round += chunk;
    expect(round).toBe("round\n");
    expect(child.stream(10)).toBeNull();
    expect(await child.wait()).toMatchObject({ exitCode: 0, stdout: "ours\n", stderr: "" });
  });

  test("start, use, then wait", async () => {
    const child = await command("cat").way(way).stdin("pipe").stdout("pipe").start();
    expect(isGone(child.pid as number)).toBe("alive");
    const lines = createInterface({ input: child.stdout as NodeJS.ReadableStream })[Symbol.asyncIterator]();
    for (const word of ["one", "two"]) {
      child.stdin?.write(`${word}\n`);
      expect((await lines.next()).value).toBe(word);
    }
    child.stdin?.end();
    expect((await child.wait()).exitCode).toBe(0);
    expect(isGone(child.pid as number)).toBe("gone");
  });

  test("start, then abort: the child is dead and reaped, and all that it started", async () => {
    const script = "sleep 1000 & echo $!; sh -c 'trap \"\" TERM; echo $$; exec sleep 1000' & wait";
    const child = await sh(script).stdout("pipe").killBy("SIGTERM", 300).start();
    const lines = createInterface({ input: child.stdout as NodeJS.ReadableStream })[Symbol.asyncIterator]();
    const pids = [Number((await lines.next()).value), Number((await lines.next()).value)];
    expect(pids.map(isGone)).toEqual(["alive", "alive"]);
    await child.abort();
    expect(isGone(child.pid as number)).toBe("gone");
    // The one that does not heed the signal is killed after the grace.
    await vi.waitFor(() => expect(pids.map(isGone)).not.toContain("alive"), { timeout: 20_000 });
    expect(await child.outcome()).toMatchObject({ signal: "SIGTERM", aborted: true });
  });

  test("an AbortSignal, and a timeout with escalation, end it", async () => {
    const controller = new AbortController();
    const child = await sh("sleep 1000").abortBy(controller.signal).start();
    controller.abort();
    const error = await failureOf(child.wait());
    expect([error.kind, error.aborted, error.reason]).toEqual(["signal", true, "aborted: ended by SIGTERM"]);
    expect((await failureOf(sh("true").abortBy(controller.signal).run())).reason).toBe("aborted before it was started");
    const late = await failureOf(sh("sleep 1000").setUp({ ignoreSignal: "SIGTERM" }).timeout(2000).killBy("SIGTERM", 300).run());
    expect([late.timedOut, late.signal, late.reason]).toEqual([true, "SIGKILL", "timed out after 2000 ms: ended by SIGKILL"]);
  });

  test("await using ends it", async () => {
    let pid = 0;
    {
      await using child = await sh("sleep 1000").start();
      pid = child.pid as number;
    }
    expect(isGone(pid)).toBe("gone");
  });

  test("exit status 3 is visible; death by signal is an error unless raw status is asked for, then the signal is named", async () => {
    expect(await sh("exit 3").status()).toBe(3);
    expect((await failureOf(sh("echo why >&2; exit 3").run())).message).toBe("failed with status 3: sh -c 'echo why >&2; exit 3'\nwhy");
    const error = await failureOf(sh("kill -KILL $$").status());
    expect([error.kind, error.signal]).toEqual(["signal", "SIGKILL"]);
    expect(await sh("kill -SEGV $$").limit({ core: 0 }).outcome()).toMatchObject({ exitCode: undefined, signal: "SIGSEGV" });
  });

  test("an intermediate process re-raises both", async () => {
    const script = await bundle(
      "like",
      `import { command, endLike } from "./src/process/index.ts";
      endLike(await command("sh", ["-c", process.argv[2]]).way("${way}").outcome());`,
    );
    expect(spawnSync(process.execPath, [script, "exit 3"])).toMatchObject({ status: 3, signal: null });
    expect(spawnSync(process.execPath, [script, "kill -TERM $$"])).toMatchObject({ status: null, signal: "SIGTERM" });
  });

  test("exec in place of a missing program returns the error; of one that is there, ends as it ends", async () => {
    const script = await bundle(
      "replace",
      `import { command, replaceBy } from "./src/process/index.ts";
      await replaceBy(command("nonesuch").way("${way}")).catch((error) => console.log(error.code));
      await replaceBy(command("sh", ["-c", "cat; exit 4"]).way("${way}"));`,
    );
    expect(spawnSync(process.execPath, [script], { input: "given", encoding: "utf8" })).toMatchObject({
      status: 4,
      stdout: "ENOENT\ngiven",
    });
  });

  test("without a descriptor left, it says so and starts nothing", async () => {
    const script = await bundle(
      "none-left",
      `import { openSync } from "node:fs";
      import { command } from "./src/process/index.ts";
      try { for (;;) openSync("/dev/null"); } catch {}
      await command("true").way("${way}").run().catch((error) => console.log(error.name, /cannot start the launcher.*EMFILE/.test(error.reason)));`,
    );
    const said = spawnSync("sh", ["-c", 'ulimit -n 64; exec "$@"', "sh", process.execPath, script], { encoding: "utf8" });
    expect(said).toMatchObject({ status: 0, stdout: "CommandError true\n", stderr: "" });
  });

  test("daemonize: the pidfile is readable when the call returns, cwd is /, a session of its own, the environment is kept", async () => {
    const [pidfile, output] = [join(folder, `daemon-${way}`), join(folder, `said-${way}`)];
    const one = sh("echo $QPOD_TEST_KEPT; cat; exec sleep 1000")
      .env({ QPOD_TEST_KEPT: "kept" })
      .input("x".repeat(100_000))
      .stdout({ file: output });
    const { pid } = await one.daemon().pidfile(pidfile).run();
    try {
      expect(Number(readFileSync(pidfile, "utf8"))).toBe(pid);
      const [, , parent, , session] = readFileSync(`/proc/${pid}/stat`, "utf8")
        .replace(/\(.*\)/, "x")
        .split(" ")
        .slice(1)
        .map(Number);
      expect(parent).not.toBe(process.pid);
      expect(session).not.toBe(Number(readFileSync("/proc/self/stat", "utf8").split(") ")[1]?.split(" ")[3]));
      expect(spawnSync("readlink", [`/proc/${pid}/cwd`], { encoding: "utf8" }).stdout).toBe("/\n");
      // A daemon with a stdin buffer and an output file still drains.
      await vi.waitFor(() => expect(readFileSync(output, "utf8")).toBe(`kept\n${"x".repeat(100_000)}`), { timeout: 20_000 });
    } finally {
      process.kill(pid as number, "SIGKILL");
    }
    const error = await failureOf(command("nonesuch").way(way).daemon().run());
    expect([error.kind, error.code]).toEqual(["exec", "ENOENT"]);
  });

  describe("a handshake", () => {
    const mark = join(folder, `mark-${way}`);
    const start = () => sh(`echo done > ${mark}`).handshake().start();

    test("waits before exec until it is notified; either called twice is an error or harmless", async () => {
      const child = await start();
      await child.waitForHandshake();
      await child.waitForHandshake();
      expect(existsSync(mark)).toBe(false);
      child.notifyHandshake();
      expect(() => child.notifyHandshake()).toThrow("it was told to go on already");
      await child.wait();
      expect(readFileSync(mark, "utf8")).toBe("done\n");
      const other = await sh("true").start();
      expect(() => other.notifyHandshake()).toThrow("it has no handshake");
      await other.wait();
    });

    test("rejects when the child dies before it is notified", async () => {
      const child = await start();
      child.killTree("SIGKILL");
      const error = await failureOf(child.wait());
      expect([error.kind, error.signal]).toEqual(["signal", "SIGKILL"]);
      const failing = await failureOf(sh("true").cwd("/none").handshake().start());
      expect(failing.step).toBe("change to the working directory");
    });

    test("parent dies before notify: the child never execs", async () => {
      const never = join(folder, `never-${way}`);
      const script = await bundle(
        "handshake",
        `import { command } from "./src/process/index.ts";
        const child = await command("sh", ["-c", "touch ${never}"]).way("${way}").handshake().pidfile("${never}.pid").start();
        console.log("waits"); setInterval(() => {}, 1000);`,
      );
      const parent = spawn(process.execPath, [script], { stdio: ["ignore", "pipe", "inherit"] });
      await once(parent.stdout, "data");
      const pid = Number(readFileSync(`${never}.pid`, "utf8"));
      expect(isGone(pid)).toBe("alive");
      parent.kill("SIGKILL");
      await once(parent, "exit");
      await vi.waitFor(() => expect(isGone(pid)).not.toBe("alive"), { timeout: 20_000 });
      expect(existsSync(never)).toBe(false);
    });
  });

  test("descriptors that a library opened without close-on-exec (fd 9, fd 30, fd 900) do not reach the child", async () => {
    const script = await bundle(
      "leaky",
      `import { command } from "./src/process/index.ts";
      console.log((await command("ls", ["/proc/self/fd"]).way("${way}").run()).stdout);`,
    );
    const shell = `exec 9</dev/null 30</dev/null 900</dev/null; exec "$0" "$1"`;
    const { stdout, stderr } = spawnSync("bash", ["-c", shell, process.execPath, script], { encoding: "utf8" });
    expect([stdout, stderr]).toEqual(["0\n1\n2\n3\n\n", ""]);
  });

  test("under load: none lost, no descriptor left open, no zombie", { timeout: 120_000 }, async () => {
    await sh("true").run();
    const before = openDescriptors();
    // A launcher of its own for each of them takes much longer.
    let left = way === "resident" ? 2000 : 300;
    const results: string[] = [];
    const work = async () => {
      while (left > 0) {
        const number = left--;
        const { stdout } = await command("/bin/echo", [String(number)])
          .way(way)
          .run();
        results.push(stdout.trim());
      }
    };
    const total = left;
    await Promise.all(Array.from({ length: 64 }, work));
    expect(results.map(Number).sort((a, b) => a - b)).toEqual(Array.from({ length: total }, (_, i) => i + 1));
    await vi.waitFor(() => expect(openDescriptors()).toBeLessThanOrEqual(before), { timeout: 20_000 });
    const children = [process.pid, residentPid()].flatMap((pid) =>
      pid ? readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim().split(" ").filter(Boolean).map(Number) : [],
    );
    expect(children.filter((pid) => isGone(pid) === "zombie")).toEqual([]);
  });
});

describe("the launcher that stays", () => {
  test("does not keep its process from ending, and ends with it", async () => {
    const script = await bundle(
      "ends",
      `import { command } from "./src/process/index.ts";
      import { residentPid } from "./src/process/resident.ts";
      await command("true").run(); console.log(residentPid());`,
    );
    const { stdout, status } = spawnSync(process.execPath, [script], { encoding: "utf8", timeout: 30_000 });
    expect(status).toBe(0);
    await vi.waitFor(() => expect(isGone(Number(stdout))).not.toBe("alive"), { timeout: 20_000 });
  });

  test("is started again when it was killed; what it was running is reported lost", async () => {
    const child = await command("sleep", ["1000"]).start();
    const killed = residentPid() as number;
    process.kill(killed, "SIGKILL");
    const error = await failureOf(child.wait());
    process.kill(child.pid as number, "SIGKILL");
    expect([error.kind, error.reason]).toEqual(["lost", "the launcher of commands was ended"]);
    expect((await command("echo", ["again"]).run()).stdout).toBe("again\n");
    expect(residentPid()).not.toBe(killed);
  });

  test("survives what a terminal sends to the whole group, and leaves the command's answer to the command", async () => {
    const script = await bundle(
      "group",
      `import { command } from "./src/process/index.ts";
      process.on("SIGINT", () => {}); process.on("SIGTERM", () => {});
      const child = await command("sh", ["-c", "trap 'exit 9' INT; echo ready; while :; do sleep 0.1; done"]).stdout("pipe").start();
      child.stdout.once("data", () => process.kill(0, "SIGINT"));
      console.log(await child.status(), await command("echo", ["on"]).status());`,
    );
    // A group of its own: ours is not to be interrupted.
    const one = spawn(process.execPath, [script], { detached: true, stdio: ["ignore", "pipe", "inherit"] });
    const [text] = await once(one.stdout, "data");
    expect(String(text)).toBe("9 0\n");
  });

  test("with a parent of 1 GiB resident memory, starting a child does not block the event loop for more than a few ms", async () => {
    const script = await bundle(
      "large",
      `import { command } from "./src/process/index.ts";
      await command("true").run();
      const large = Buffer.alloc(1 << 30, 1);
      const blocked = [];
      for (let i = 0; i < 40; i++) {
        const begin = process.cpuUsage();
        const running = command("true").run();
        await new Promise((done) => setImmediate(done));
        const { user, system } = process.cpuUsage(begin);
        blocked.push((user + system) / 1000);
        await running;
      }
      blocked.sort((a, b) => a - b);
      console.log(large.length, blocked[20]);`,
    );
    const { stdout } = spawnSync(process.execPath, [script], { encoding: "utf8" });
    // Processor time, since the clock counts what others do; node's own spawn takes some 18 ms there.
    expect(Number(stdout.split(" ")[1])).toBeLessThan(5);
  });
});

test("types: a child of bytes has bytes", async () => {
  const child: Child<Buffer> = await command("echo", ["x"]).encoding("buffer").start();
  expect((await child.wait()).stdout).toEqual(Buffer.from("x\n"));
});
