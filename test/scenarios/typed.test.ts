import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { copyInstallation, type Installation } from "../support/installation.ts";
import { findPeople } from "../support/person.ts";
import { testRootfs } from "../support/rootfs.ts";
import { Terminal } from "../support/terminal.ts";
import { Workshop } from "../support/workshop.ts";
import { moveIn, typedShells } from "./shells.ts";

let installation: Installation;
let rootfs: string;

beforeAll(async () => {
  installation = copyInstallation();
  rootfs = await testRootfs();
}, 1_800_000);

afterAll(() => installation.remove());

const cases = typedShells.flatMap((shell) => findPeople().map((person) => ({ shell, person, title: `${shell.name} as ${person.name}` })));

describe.each(cases)("a session typed in $title", { timeout: 120_000 }, ({ shell, person }) => {
  let workshop: Workshop;
  let terminal: Terminal;

  beforeEach(async () => {
    workshop = new Workshop(person, installation);
    workshop.bind(rootfs, "commands: [python2]\n");
    terminal = new Terminal(person, [shell.path, ...shell.args], { cwd: workshop.home, env: moveIn(workshop, shell) });
    await terminal.prompt();
  });

  afterEach(async () => {
    await terminal.close();
    workshop.remove();
  });

  /** As in the issue: into the repository, and qpod-shell. */
  async function begin() {
    await terminal.run("cd src/tool");
    terminal.type("qpod-shell");
    await terminal.waitFor(/launching (\S+) in qpod mode \(using qpod in (\S+)\)/);
    await terminal.prompt();
  }

  test("builds, tests and debugs in the environment, and all else runs on the host", async () => {
    const host = (await terminal.run("readlink /proc/self/ns/mnt")).output;
    await begin();

    const make = await terminal.run("make");
    expect(make).toMatchObject({ status: 0, output: expect.stringContaining("building with gcc 10\n") });
    expect(await terminal.run("./build/tool --selftest")).toEqual({ status: 0, output: "selftest passed: 1, built by gcc 10" });
    expect((await terminal.run("./where")).output).toMatch(new RegExp(`^in bullseye at ${workshop.repository} on /dev/pts/\\d+$`));

    terminal.type("gdb ./build/tool");
    await terminal.waitFor(/GNU gdb \(Debian 10\.1[^)]*\)/);
    await terminal.waitFor(/\(gdb\) $/);
    terminal.type("break main");
    await terminal.waitFor(/Breakpoint 1 at 0x[0-9a-f]+: file tool\.c, line \d+\.\s+\(gdb\) $/);
    terminal.type("run");
    await terminal.waitFor(/Breakpoint 1, main \(argc=1, [^)]*\) at tool\.c:\d+\s+\d+\s+const char \*job[^\n]*\s+\(gdb\) $/);
    terminal.type("bt");
    await terminal.waitFor(/#0 +main \(argc=1, [^)]*\) at tool\.c:\d+\s+\(gdb\) $/);
    terminal.type("quit");
    await terminal.waitFor(/Quit anyway\? \(y or n\) $/);
    terminal.type("y");
    expect(await terminal.prompt()).toMatchObject({ status: 0 });

    expect((await terminal.run("readlink /proc/self/ns/mnt")).output).toBe(host);
    expect((await terminal.run("git --no-pager log --oneline")).output).toMatch(/^[0-9a-f]{7} \(HEAD -> main\) An old tool$/);
    expect((await terminal.run("ls -1 | cat")).output.split(/\s+/)).toEqual(["Makefile", "build", "tool.c", "where"]);
    expect((await terminal.run("stat -c %U build/tool")).output).toBe(person.name);
  });

  test("finds commands by name that only the environment has, and pipes between the two worlds", async () => {
    await begin();
    expect(await terminal.run("gcc-10 -dumpversion")).toEqual({ status: 0, output: "10" });
    expect(await terminal.run("python2 -c 'print 6 * 7'")).toEqual({ status: 0, output: "42" });
    expect(await terminal.run("echo 'print 6 * 7' | python2 - | sed s/4/four-/ | tr a-z A-Z")).toEqual({ status: 0, output: "FOUR-2" });
    expect((await terminal.run("./where | cat")).output).toMatch(/^in bullseye .* on /);
    expect(await terminal.run("no-such-command-anywhere")).toMatchObject({ status: 127 });
  });

  test("hands on statuses and signals", async () => {
    await begin();
    await terminal.run("make");
    expect(await terminal.run("./build/tool --exit 37")).toEqual({ status: 37, output: "" });
    expect(await terminal.run(`echo it was ${shell.status}`)).toEqual({ status: 0, output: "it was 37" });
    expect(await terminal.run("./build/tool --crash")).toMatchObject({ status: 134 });

    terminal.type("./build/tool --wait");
    await terminal.waitFor(/now waiting/);
    terminal.press("ctrl-c");
    expect(await terminal.prompt()).toMatchObject({ status: 130 });
  });

  test("stops a job with Ctrl-Z, lists it and goes on with it", async () => {
    await begin();
    await terminal.run("make");
    terminal.type("./build/tool --wait");
    await terminal.waitFor(/now waiting/);
    terminal.press("ctrl-z");
    await terminal.waitFor(shell.stopped);
    await terminal.prompt();
    expect((await terminal.run("jobs")).output).toContain("./build/tool --wait");
    terminal.type("fg");
    await terminal.waitFor(/went on/);
    terminal.press("ctrl-c");
    expect(await terminal.prompt()).toMatchObject({ status: shell.interrupted });
    expect((await terminal.run("jobs")).output).not.toContain("./build/tool");
  });

  test("shows the window's size inside, and its changes", async () => {
    terminal.resize(132, 43);
    await terminal.run("true");
    await begin();
    await terminal.run("make");
    terminal.type("./build/tool --wait");
    await terminal.waitFor(/43 rows, 132 columns\s+now waiting/);
    terminal.resize(101, 33);
    await terminal.waitFor(/33 rows, 101 columns/);
    terminal.press("ctrl-c");
    await terminal.prompt();
    const outside = (await terminal.run("tty")).output;
    expect((await terminal.run("./where")).output).toContain(` on ${outside}`);
  });

  test("keeps the user's aliases, variables and prompt, and leaves nothing behind", async () => {
    const look = async () => [
      await terminal.run("env | grep -v -e ^_= -e ^OLDPWD= | sort"),
      await terminal.run("stty -a"),
      await terminal.run("pwd"),
    ];
    await terminal.run("cd src/tool");
    const before = await look();
    terminal.type("qpod-shell");
    await terminal.waitFor(/launching /);
    await terminal.prompt();
    expect((await terminal.run("greet")).output).toBe("good morning");
    expect((await terminal.run("echo $MINE $QPOD_ENVIRONMENT")).output).toBe(shell.name === "dash" ? "kept" : "kept old");
    await terminal.run("./where");
    terminal.type("exit");
    await terminal.prompt();
    expect(await look()).toEqual(before);
  });
});
