import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readFileSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { describe, expect, test } from "vitest";
import type { ChromeEvent } from "../../src/debug/trace-chrome.ts";
import type { CallEvent, TraceEvent } from "../../src/debug/trace-event.ts";
import { furnishedSandbox } from "../support/furnished.ts";
import { onlyFor } from "../support/only-for.ts";
import { ordinarySettings, type Sandbox, type Setting } from "../support/sandbox.ts";

/** As an ordinary user: what they may do, root may. No image that is used here has strace. */
const settings = ordinarySettings();

describe.each(settings)("qpod trace ($title)", (setting) => {
  const places = setting.engine === "embedded" ? ["in the environment", "on the host"] : ["in the environment"];
  const sandbox = furnishedSandbox(setting);

  describe.each(places)("%s", (place) => {
    const where = place === "on the host" ? "--host" : "";

    /** What a command's trace holds; the command is run by a shell, in the session. */
    async function traced(options: string, command: string): Promise<TraceEvent[]> {
      await sandbox().say(`qpod trace ${where} --json --output events ${options} -- ${command}`);
      return readEvents(sandbox());
    }

    test("tells calls, programs and ends of a command and of what it starts, in JSON", async () => {
      const events = await traced(
        "--calls openat,%process",
        "sh -c 'head -n 1 /etc/debian_version > version; true | exit 3; wait' a 'b c'",
      );
      const [first] = events;
      expect(first).toMatchObject({
        kind: "exec",
        path: expect.stringMatching(/bin\/sh$/),
        argv: ["sh", "-c", expect.any(String), "a", "b c"],
      });
      const head = events.find((one) => one.kind === "exec" && one.argv[0] === "head");
      expect(head?.pid).not.toBe(first?.pid);
      const [opened] = callsOf(events, "openat").filter(({ text }) => text.includes("debian_version"));
      expect(opened).toMatchObject({
        pid: head?.pid,
        args: [{ name: "AT_FDCWD" }, { type: "string", text: "/etc/debian_version" }, { name: "O_RDONLY" }],
      });
      expect(opened?.result).toBeGreaterThan(2);
      expect(opened?.duration).toBeGreaterThan(0);
      expect(events).toContainEqual(expect.objectContaining({ kind: "exit", pid: head?.pid, status: 0 }));
      expect(events).toContainEqual(expect.objectContaining({ kind: "exit", status: 3 }));
      expect(events.at(-1)).toMatchObject({ kind: "exit", pid: first?.pid, status: 0 });
      expect(events.filter(({ kind }) => kind === "note")).toEqual([]);
      expect(callsOf(events, "setns")).toEqual([]);
    });

    test("passes what it was given: stdin, and other descriptors", async () => {
      const list = "sh -c 'cat; echo seven >&7; ls /proc/self/fd'";
      const untraced = where ? list : `qpod run ${list}`;
      const [expected, real] = [untraced, `qpod trace ${where} --output events -- ${list}`].map(
        (command) => `echo given | ${command} 7> seven; cat seven`,
      );
      const said = await sandbox().say(real ?? "");
      // Whoever runs the tests may have left more descriptors open.
      expect(said).toBe(await sandbox().say(expected ?? ""));
      expect(said.split("\n")).toEqual(expect.arrayContaining(["given", "7", "seven"]));
    });

    test("has the command's status and user", async () => {
      const ended = await sandbox().session(`exec qpod trace ${where} --calls openat --output events -- sh -c 'id -u; exit 7'`);
      expect(ended).toEqual({ status: 7, stdout: `${sandbox().person.uid}\n`, stderr: "" });
      expect((await sandbox().session(`exec qpod trace ${where} --output events -- sh -c 'kill -KILL $$'`)).status).toBe(137);
      expect(readEvents(sandbox(), "text").at(-1)).toMatch(/ killed by SIGKILL$/);
    });

    test("lets calls fail, of the command alone", async () => {
      const failed = await sandbox().session(
        `exec qpod trace ${where} --inject mkdir=EROFS --inject openat=EACCES:when=40+ --json --output events -- mkdir made`,
      );
      expect(failed).toMatchObject({ status: 1, stdout: "", stderr: expect.stringMatching(/made.*Read-only file system/) });
      expect(callsOf(readEvents(sandbox()), "mkdir")).toMatchObject([{ errno: "EROFS", injected: true, args: [{ text: "made" }, {}] }]);
    });

    // The host's is used by a test below.
    onlyFor(place !== "on the host")("tells where ltrace is missing, which must be where the command is", () => {
      expect(sandbox().command(["trace", "--functions", "puts", "--", "true"])).toEqual({
        status: 125,
        stdout: "",
        stderr: expect.stringMatching(/^qpod: ltrace is not installed in the environment\n {2}Add the package `ltrace` /),
      });
    });

    test("passes a signal on, and ends with the command", async () => {
      const running = sandbox().start([sandbox().qpod, "trace", ...(where ? [where] : []), "--calls", "%process", "--", "sleep", "1000"]);
      const lines = createInterface({ input: running.stderr as NodeJS.ReadableStream });
      const pid = await new Promise<number>((resolve) => {
        lines.on("line", (line) => /^ *\S+ +(\d+) exec \S*sleep/.test(line) && resolve(Number(line.trim().split(/ +/)[1])));
      });
      const ended = once(running, "exit");
      running.kill("SIGTERM");
      expect(await ended).toEqual([143, null]);
      expect(() => process.kill(pid, 0)).toThrow("ESRCH");
    });

    test("says what is not found, with the status that it would have", async () => {
      expect(await sandbox().session(`qpod trace ${where} -- no-such-command; exit $?`)).toMatchObject({
        status: 127,
        stderr: expect.stringContaining("no-such-command"),
      });
    });
  });
});

describe("qpod trace on the host", () => {
  const sandbox = furnishedSandbox(settings[0] as Setting);
  const run = (args: readonly string[], env = {}) => sandbox().command(["trace", "--host", ...args], { env });

  test("writes a Chrome trace, whole", () => {
    const file = join(sandbox().repository, "chrome.json");
    expect(run(["--calls", "openat", "--chrome", file, "--", "sh", "-c", "cat /etc/passwd > /dev/null; exit 2"])).toEqual({
      status: 2,
      stdout: "",
      stderr: "",
    });
    const { traceEvents } = JSON.parse(readFileSync(file, "utf8")) as { traceEvents: Record<string, unknown>[] };
    expect(traceEvents).toContainEqual(expect.objectContaining({ ph: "M", name: "process_name", args: { name: "cat" } }));
    const [call] = traceEvents.filter(
      (one) => one.name === "openat" && (one.args as { arguments: string }).arguments.includes("/etc/passwd"),
    );
    expect(call).toMatchObject({ ph: "X", pid: expect.any(Number), tid: expect.any(Number) });
    expect(call?.dur).toBeGreaterThan(0);
  });

  test("writes Chrome traces that viewers draw whole: a track's calls, in microseconds, do not overlap", () => {
    const file = join(sandbox().repository, "tracks.json");
    const script = "for i in 1 2 3 4; do ls -l / | sort > /dev/null & done; wait";
    expect(run(["--chrome", file, "--", "sh", "-c", script])).toMatchObject({ status: 0 });
    const { traceEvents } = JSON.parse(readFileSync(file, "utf8")) as { traceEvents: ChromeEvent[] };
    for (const { ts, pid, tid, name } of traceEvents)
      expect([Number.isInteger(ts) && ts >= 0, Number.isInteger(pid), Number.isInteger(tid), typeof name]).toEqual([
        true,
        true,
        true,
        "string",
      ]);
    const tracks = new Map<number, ChromeEvent[]>();
    for (const event of traceEvents) if (event.ph === "X") tracks.set(event.tid, [...(tracks.get(event.tid) ?? []), event]);
    expect(tracks.size).toBeGreaterThan(8);
    for (const calls of tracks.values()) {
      const ordered = calls.toSorted((a, b) => a.ts - b.ts);
      // What reaches into the next one is dropped by viewers without a word.
      expect(ordered.filter(({ ts, dur = Number.NaN }, i) => !(ts + dur <= (ordered[i + 1]?.ts ?? Number.POSITIVE_INFINITY)))).toEqual([]);
    }
  });

  test("stops the command at the calls asked for alone, by a filter in the kernel; not where it injects", () => {
    const filters = (said: string) => [...said.matchAll(/^Seccomp\w*:\s*(\d+)$/gm)].reduce((sum, [, count]) => sum + Number(count), 0);
    const look = ["--output", "events", "--", "cat", "/proc/self/status"];
    const none = filters(readFileSync("/proc/self/status", "utf8"));
    expect(filters(run(["--calls", "%network", ...look]).stdout)).toBeGreaterThan(none);
    expect(filters(run(look).stdout)).toBe(none);
    expect(filters(run(["--calls", "connect", "--inject", "connect=EPERM", ...look]).stdout)).toBe(none);
  });

  test("lets calls fail from the one on that is asked for", () => {
    expect(run(["--inject", "openat=EACCES:when=2+", "--json", "--output", "events", "--", "cat", "/etc/debian_version"]).status).toBe(127);
    const [first, ...others] = callsOf(readEvents(sandbox()), "openat").map(({ errno }) => errno);
    expect([first, new Set(others)]).toEqual([undefined, new Set(["EACCES"])]);
  });

  test("writes for people to stderr", () => {
    const { status, stdout, stderr } = run(["--calls", "openat", "--descriptors", "--", "sh", "-c", "read line < /etc/debian_version"]);
    expect({ status, stdout }).toEqual({ status: 0, stdout: "" });
    expect(stderr).toMatch(/^ +0\.0\d+ +\d+ exec \S*sh \["sh","-c",/);
    expect(stderr).toMatch(/openat\(AT_FDCWD<\S+>, "\/etc\/debian_version", O_RDONLY\) = \d+ <\/etc\/debian_version> \d+\.\d+ ms\n/);
  });

  test("tells calls of libraries, by ltrace", async ({ skip }) => {
    if (spawnSync("ltrace", ["--version"]).status !== 0) skip("ltrace is not installed");
    const program = sandbox().write("home/src/tool/greet.c", '#include <stdio.h>\nint main(void) { return puts("hello") < 0 ? 1 : 5; }\n');
    sandbox().must(["cc", "-o", "greet", program]);
    expect(run(["--functions", "puts,printf", "--json", "--output", "events", "--", "./greet"])).toEqual({
      status: 5,
      stdout: "hello\n",
      stderr: "",
    });
    expect(readEvents(sandbox())).toMatchObject([
      { kind: "call", name: "puts", caller: "greet", args: [{ type: "string", text: "hello" }] },
      { kind: "exit", status: 5 },
    ]);
    expect(run(["--functions", "puts", "--calls", "write", "--", "./greet"])).toMatchObject({ status: 2, stdout: "" });
  });

  test("says what it does not understand, before anything runs", () => {
    const ran = join(sandbox().repository, "ran");
    const touch = ["--", "touch", ran];
    expect(run(["--calls", "no_such_call", ...touch])).toEqual({
      status: 125,
      stdout: "",
      stderr: "qpod: strace could not trace: invalid system call 'no_such_call'\n",
    });
    expect(run(["--calls", "a b", ...touch])).toMatchObject({ status: 2, stderr: expect.stringContaining("names no system call") });
    expect(run(["--inject", "connect", ...touch])).toMatchObject({ status: 2, stderr: expect.stringContaining("an error is missing") });
    expect(run(["--inject", "connect=REFUSED", ...touch])).toMatchObject({ status: 2, stderr: expect.stringContaining("ECONNREFUSED") });
    expect(run(["--output", "/no/folder/file", ...touch])).toMatchObject({
      status: 125,
      stderr: expect.stringContaining("/no/folder/file"),
    });
    expect(() => readFileSync(ran)).toThrow("ENOENT");
  });

  test("says which package is missing", async () => {
    const programs = sandbox().makeFolder("programs");
    mkdirSync(programs, { recursive: true });
    for (const [name, path] of [
      ["node", process.execPath],
      ["mkfifo", "/usr/bin/mkfifo"],
      ["true", "/usr/bin/true"],
    ] as const)
      symlinkSync(path, join(programs, name));
    const remedy = "qpod: strace is not installed on the host\n  Install the package `strace`.\n";
    for (const options of ["", "--calls connect", "--inject connect=EPERM"])
      expect(await sandbox().session(`PATH=${programs} exec ${sandbox().qpod} trace --host ${options} -- true`)).toEqual({
        status: 125,
        stdout: "",
        stderr: remedy,
      });
  });
});

function readEvents(sandbox: Sandbox): TraceEvent[];
function readEvents(sandbox: Sandbox, how: "text"): string[];
function readEvents(sandbox: Sandbox, how?: "text"): unknown[] {
  const lines = readFileSync(join(sandbox.repository, "events"), "utf8").trimEnd().split("\n");
  return how ? lines : lines.map((line) => JSON.parse(line));
}

const callsOf = (events: TraceEvent[], name: string) => events.filter((one): one is CallEvent => one.kind === "call" && one.name === name);
