import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { StraceJoiner } from "../../../src/debug/strace-join.ts";
import type { CallEvent, TraceEvent } from "../../../src/debug/trace-event.ts";

/** Written by strace 6.1 as it traced small programs. */
function readRecorded(name: string): TraceEvent[] {
  const joiner = new StraceJoiner();
  const text = readFileSync(join(import.meta.dirname, "recorded", `${name}.strace`), "utf8");
  return text.split("\n").flatMap((line) => joiner.take(line));
}

const read = (...lines: string[]) => {
  const joiner = new StraceJoiner();
  return lines.flatMap((line) => joiner.take(`7 1700000000.25 ${line}`));
};

const callsOf = (events: TraceEvent[], name: string) => events.filter((one): one is CallEvent => one.kind === "call" && one.name === name);
const allRaw = (value: unknown): boolean =>
  typeof value === "object" && value !== null && ((value as { type?: string }).type === "raw" || Object.values(value).some(allRaw));

test("understands every line of a recorded run", () => {
  const events = readRecorded("kinds");
  expect(events.filter(({ kind }) => kind === "note")).toEqual([]);
  expect(events.filter((event) => event.kind === "call" && allRaw(event.args))).toEqual([]);
  expect(callsOf(events, "connect")).toMatchObject([
    {
      errno: "ENOENT",
      result: -1,
      args: [{ type: "descriptor", value: 5 }, { type: "struct", fields: { sun_path: { type: "string", text: "/nowhere/s" } } }, {}],
    },
  ]);
  expect(callsOf(events, "bind")[0]?.args[1]).toMatchObject({ fields: { sun_path: { type: "string", text: '\0q "x"\0' } } });
  expect(callsOf(events, "poll")).toMatchObject([{ result: 1, detail: "([{fd=3, revents=POLLIN}])" }]);
  expect(callsOf(events, "openat")).toMatchObject([
    { result: 8, detail: String.raw`/tmp/a\"b\\c\303\244\n`, args: [{}, { text: '/tmp/a"b\\cä\n' }, {}, {}] },
  ]);
  expect(callsOf(events, "lseek")).toMatchObject([{ args: [{ path: "/dev/null<char 1:3>" }, { value: 1 << 20 }, { name: "SEEK_SET" }] }]);
  expect(callsOf(events, "sendmsg")[0]?.args[1]).toMatchObject({
    fields: { msg_name: { fields: { sin6_port: { name: "htons", args: [{ value: 53 }] } } } },
  });
});

test("tells an interrupted call once, whole, when it has returned", () => {
  const [sleep] = callsOf(readRecorded("kinds"), "clock_nanosleep");
  expect(sleep).toMatchObject({ result: 0, duration: 0.030105, text: "CLOCK_REALTIME, 0, {tv_sec=0, tv_nsec=30000000}, NULL" });
  expect(read("wait4(-1,  <unfinished ...>", "<... wait4 resumed>NULL, 0, NULL) = 9 <0.1>")).toEqual([
    expect.objectContaining({ kind: "call", name: "wait4", result: 9, text: "-1, NULL, 0, NULL", duration: 0.1 }),
  ]);
});

test("tells a call that its caller did not survive", () => {
  const last = readRecorded("kinds").slice(-3);
  expect(last).toMatchObject([
    { kind: "call", name: "read", errno: "ERESTARTSYS" },
    { kind: "signal", signal: "SIGTERM", what: "delivered", info: { fields: { si_code: { name: "SI_USER" } } } },
    { kind: "exit", signal: "SIGTERM" },
  ]);
  expect(last[0]).not.toHaveProperty("result");
  expect(read("read(3,  <unfinished ...>", "+++ killed by SIGKILL +++")).toMatchObject([
    { kind: "call", name: "read", unfinished: true, args: [{ value: 3 }] },
    { kind: "exit", signal: "SIGKILL" },
  ]);
  expect(read("read(3, <unfinished ...>) = ?", "+++ killed by SIGSEGV (core dumped) +++").at(-1)).toMatchObject({
    signal: "SIGSEGV",
    core: true,
  });
});

test("knows which program runs, by whichever thread it was started", () => {
  expect(readRecorded("superseded").filter(({ kind }) => kind === "exec")).toEqual([
    { kind: "exec", pid: 20621, time: 1795257099.052023, path: "/bin/true", argv: ["true", "from a thread"] },
  ]);
  const children = readRecorded("children");
  expect(children.filter(({ kind }) => kind === "exec")).toMatchObject([{ argv: ["./a"] }, { pid: 2154, argv: ["true", "a b"] }]);
  expect(children.filter(({ kind }) => kind === "exit")).toMatchObject([
    { pid: 2152, status: 0 },
    { pid: 2153, signal: "SIGABRT" },
    { pid: 2154, status: 0 },
    { pid: 2151, status: 3 },
  ]);
});

test("tells what was injected, and what has no result", () => {
  expect(read("connect(3, {sa_family=AF_INET}, 16) = -1 ECONNREFUSED (Connection refused) (INJECTED) <0.000007>")).toMatchObject([
    { errno: "ECONNREFUSED", result: -1, injected: true, duration: 0.000007 },
  ]);
  expect(read("exit_group(3)   = ?")[0]).not.toHaveProperty("result");
  expect(read("fcntl(5, F_GETFL) = 0x2 (flags O_RDWR) <0.000007>")).toMatchObject([{ result: 2, detail: "(flags O_RDWR)" }]);
  expect(read("mmap(NULL, 4096) = 0x7f2e6dc87000")).toMatchObject([{ result: 0x7f2e6dc87000 }]);
  expect(read("--- stopped by SIGSTOP ---")).toMatchObject([{ kind: "signal", signal: "SIGSTOP", what: "stopped" }]);
});

test("passes on what it does not know, and never fails", () => {
  expect(read("[ Process PID=7 runs in 32 bit mode. ]")).toMatchObject([{ kind: "note", text: "[ Process PID=7 runs in 32 bit mode. ]" }]);
  expect(read('odd({a "b" <c) = 5 <0.1>')).toMatchObject([{ kind: "call", name: "odd", result: 5 }]);
  expect(read("<... read resumed>) = 3")).toMatchObject([{ kind: "note" }]);
  expect(new StraceJoiner().take("strace: odd")).toMatchObject([{ kind: "note", text: "strace: odd" }]);
});

test("reads what ltrace writes, too", () => {
  expect(
    read(
      'r->getaddrinfo("127.0.0.1", "1025", 0x7ffcd1d27260, 0x7ffcd1d27258) = 0 <0.000785>',
      'gai_strerror(-2)          = "Name or service not known" <0.000108>',
      "sigaction(SIGCHLD, { 0x560b3cf7fdc0, ~<31-32>, 0, 0 } <unfinished ...>",
      "<... sigaction resumed> , nil) = 0 <0.000131>",
      "--- SIGCHLD (Child exited) ---",
      "sh->_exit(4 <no return ...>",
      "+++ exited (status 4) +++",
    ),
  ).toMatchObject([
    {
      kind: "call",
      name: "getaddrinfo",
      caller: "r",
      result: 0,
      duration: 0.000785,
      args: [{ text: "127.0.0.1" }, { text: "1025" }, {}, {}],
    },
    { kind: "call", name: "gai_strerror", detail: '"Name or service not known"' },
    { kind: "call", name: "sigaction", result: 0, args: [{ name: "SIGCHLD" }, { type: "struct" }, { name: "nil" }] },
    { kind: "signal", signal: "SIGCHLD", what: "delivered" },
    { kind: "call", name: "_exit", caller: "sh", unfinished: true, args: [{ value: 4 }] },
    { kind: "exit", status: 4 },
  ]);
});
