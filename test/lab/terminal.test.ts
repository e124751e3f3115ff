import { readdirSync, readFileSync } from "node:fs";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { copyInstallation, type Installation } from "../support/installation.ts";
import { findPeople } from "../support/person.ts";
import { Terminal } from "../support/terminal.ts";
import { Workshop } from "../support/workshop.ts";

const topology = `hosts: {a: , b: {root: system}}
links:
  - {between: [a, b], addresses: {a: 10.0.0.1/24, b: 10.0.0.2/24}}
`;
/** Says when it is there, and what it is told. */
const echoing = `sh -c 'echo now $((40 + 2)); while read x; do echo "got $x"; done'`;
const shells = [
  { path: "/bin/bash", args: [] as string[] },
  { path: "/bin/dash", args: ["-i"] },
];
const cases = findPeople().flatMap((person) => shells.map((shell) => ({ name: person.name, shell: shell.path, person, args: shell.args })));

describe.each(cases)("a lab in the terminal of $shell, as $name", { timeout: 60_000 }, ({ person, shell, args }) => {
  let installation: Installation;
  let shop: Workshop;
  let terminal: Terminal;

  beforeAll(() => {
    installation = copyInstallation();
    shop = new Workshop(person, installation);
    shop.write("home/net.yaml", topology);
    shop.write("home/.bashrc", "PS1='{$?}> '\n");
    shop.write("home/.shrc", "PS1='{$?}> '\n");
    shop.write("home/script", 'stty size < /dev/tty\nqpod lab shell a\necho "after $?"\nread line < /dev/tty\necho "read $line"\n', 0o755);
    shop.must([installation.qpod, "lab", "up", "net.yaml"], shop.home);
  });
  afterAll(() => {
    shop.run([installation.qpod, "lab", "down", "--all"]);
    shop.remove();
    installation.remove();
  });
  beforeEach(async () => {
    // A host with a root of its own has no such home.
    const env = { ...shop.env, SHELL: shell, ENV: `${shop.home}/.shrc`, PS1: "{$?}> " };
    terminal = new Terminal(person, [shell, ...args], { cwd: shop.home, env, columns: 132, rows: 43 });
    await terminal.prompt();
  });
  afterEach(() => terminal.close());

  const enter = async (host = "a") => {
    terminal.type(`qpod lab shell ${host}`);
    await terminal.prompt();
    expect(await terminal.run("uname -n")).toEqual({ status: 0, output: host });
  };
  /** What is typed before it has the terminal may be lost. */
  const answers = () =>
    vi.waitFor(
      () => {
        terminal.type("hello");
        return terminal.waitFor(/got .*hello/, 300);
      },
      { timeout: 20_000, interval: 5 },
    );
  /** The shell outside has its terminal, and is the one that it was. */
  const isBack = async (outside: string) => {
    expect((await terminal.run("uname -n")).output).toContain(outside);
    terminal.type(echoing);
    await terminal.waitFor(/now 42/);
    await answers();
    terminal.press("ctrl-c");
    expect(await terminal.prompt()).toMatchObject({ status: 130 });
  };
  const stopAndGoOn = async () => {
    await terminal.waitFor(/now 42/);
    terminal.press("ctrl-z");
    await terminal.waitFor(/Stopped/);
    await terminal.prompt();
    terminal.type("fg");
    await answers();
  };

  // bash reads a prompt of the system's in b.
  const hosts = shell.endsWith("dash") ? ["a", "b"] : ["a"];

  test.each(hosts)("jobs are stopped, listed and gone on with in a shell of %s, whose status is its own", async (host) => {
    const outside = (await terminal.run("uname -n")).output;
    const modes = await terminal.run("stty -a");
    await enter(host);
    terminal.type(echoing);
    await stopAndGoOn();
    terminal.press("ctrl-c");
    expect(await terminal.prompt()).toMatchObject({ status: 130 });
    terminal.type("sh -c 'echo now $((40 + 2)); exec sleep 1000'");
    await terminal.waitFor(/now 42/);
    terminal.press("ctrl-z");
    await terminal.waitFor(/Stopped/);
    await terminal.prompt();
    expect((await terminal.run("bg; jobs")).output).toMatch(/Running/);
    await terminal.run("kill %1");
    terminal.type("exit 7");
    const { status, output } = await terminal.prompt();
    expect(output).not.toMatch(/tty|job control/);
    expect(status).toBe(7);
    expect(await terminal.run("stty -a")).toEqual(modes);
    await isBack(outside);
  });

  test("a shell that stops itself gives the terminal back, and gets it again", async () => {
    const outside = (await terminal.run("uname -n")).output;
    await enter();
    terminal.type(shell.endsWith("bash") ? "suspend" : "kill -STOP $$");
    await terminal.waitFor(/Stopped/);
    await terminal.prompt();
    await isBack(outside);
    expect((await terminal.run("jobs")).output).toMatch(/qpod lab shell a/);
    // In the background, bash takes the terminal of who started it, wherever it runs.
    if (shell.endsWith("dash")) {
      terminal.type("bg");
      // That of the shell in the background may be written, but it may not read.
      await terminal.waitFor(/\{0\}> [\s\S]*\{0\}> /);
      await expect.poll(async () => (await terminal.run("jobs")).output, { timeout: 10_000, interval: 5 }).toMatch(/tty input/);
      await isBack(outside);
    }
    terminal.type("fg");
    await terminal.waitFor(/lab shell a\n/);
    // dash was reading when it was stopped, and reads on.
    if (shell.endsWith("bash")) await terminal.prompt();
    expect((await terminal.run("uname -n")).output).toBe("a");
    terminal.type("exit");
    await terminal.prompt();
    await isBack(outside);
  });

  test("the window's size is told, and changes of it", async () => {
    await enter();
    expect((await terminal.run("stty size")).output).toBe("43 132");
    terminal.type(`sh -c 'trap "stty size" WINCH; echo now $((40 + 2)); while :; do read x; done'`);
    await terminal.waitFor(/now 42/);
    terminal.resize(101, 33);
    await terminal.waitFor(/33 101/);
    terminal.press("ctrl-c");
    await terminal.prompt();
  });

  test("all that runs in a shell ends when its window is closed", async () => {
    await enter();
    terminal.type(`sh -c 'echo now $((40 + 2)); exec sleep 987654'`);
    await terminal.waitFor(/now 42/);
    const find = () => readdirSync("/proc").filter((pid) => /^\d+$/.test(pid) && commandOf(pid) === "sleep 987654");
    await expect.poll(find, { timeout: 10_000, interval: 5 }).toHaveLength(1);
    await terminal.close();
    await expect.poll(find, { timeout: 10_000, interval: 5 }).toEqual([]);
  });

  test("a command is stopped and gone on with by the shell outside, alone and in a pipeline", async () => {
    const outside = (await terminal.run("uname -n")).output;
    for (const line of [`qpod lab run a ${echoing}`, `qpod lab run a ${echoing} | cat`, `cat | qpod lab run a ${echoing}`]) {
      terminal.type(line);
      await stopAndGoOn();
      terminal.press("ctrl-c");
      expect((await terminal.prompt()).status).toBe(130);
    }
    expect(await terminal.run("qpod lab run a sh -c 'exit 7'")).toMatchObject({ status: 7 });
    await isBack(outside);
  });

  test("a shell that was started as a command has jobs, too", async () => {
    const outside = (await terminal.run("uname -n")).output;
    terminal.type(`qpod lab run a ${shell} -i`);
    await terminal.prompt();
    terminal.type(echoing);
    await stopAndGoOn();
    terminal.press("ctrl-c");
    await terminal.prompt();
    terminal.type("exit 5");
    const { status, output } = await terminal.prompt();
    expect({ status, output }).toEqual({ status: 5, output: expect.not.stringMatching(/tty|job control/) });
    await isBack(outside);
  });

  test("a script goes on with the terminal after a shell in it", async () => {
    terminal.type("sh script");
    await terminal.prompt();
    terminal.type("exit 3");
    await terminal.waitFor(/after 3\n/);
    terminal.type("words");
    await terminal.waitFor(/read words\n/);
    await terminal.prompt();
  });

  test("a lab that is taken down ends a shell in it, and the terminal is the outside's again", async () => {
    const outside = (await terminal.run("uname -n")).output;
    await enter();
    shop.must([installation.qpod, "lab", "down"], shop.home);
    expect(await terminal.prompt()).toMatchObject({ status: 137 });
    shop.must([installation.qpod, "lab", "up", "net.yaml"], shop.home);
    await isBack(outside);
  });
});

function commandOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ").trim();
  } catch {
    return "";
  }
}
