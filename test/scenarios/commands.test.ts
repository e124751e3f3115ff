import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { copyInstallation, type Installation } from "../support/installation.ts";
import { findPeople } from "../support/person.ts";
import { testRootfs } from "../support/rootfs.ts";
import { Terminal } from "../support/terminal.ts";
import { Workshop } from "../support/workshop.ts";
import { moveIn, shellNamed, typedShells } from "./shells.ts";

let installation: Installation;
let rootfs: string;

beforeAll(async () => {
  installation = copyInstallation();
  rootfs = await testRootfs();
});

afterAll(() => installation.remove());

describe.each(findPeople().map((person) => ({ person, title: `as ${person.name}` })))("qpod-shell $title", ({ person }) => {
  let workshop: Workshop;
  let shell: string;

  beforeEach(() => {
    workshop = new Workshop(person, installation);
    workshop.bind(rootfs, "commands: [python2]\n");
    shell = `${installation.folder}/bin/qpod-shell`;
  });

  afterEach(() => workshop.remove());

  const inBullseye = expect.stringMatching(/^in bullseye /);

  test("runs a command where it belongs, with its arguments, input and status", () => {
    expect(workshop.run([shell, "./where"])).toMatchObject({ status: 0, stdout: inBullseye, stderr: "" });
    expect(workshop.run([shell, "gcc-10", "-dumpversion"])).toMatchObject({ status: 0, stdout: "10\n" });
    expect(workshop.run([shell, "python2", "-c", "import sys; print sys.argv[1:]", "a  b", "", "-c", "--help"]).stdout).toBe(
      "['a  b', '', '-c', '--help']\n",
    );
    expect(workshop.run([shell, "python2", "-"], { input: "print 6 * 7" })).toMatchObject({ status: 0, stdout: "42\n" });
    expect(workshop.run([shell, "python2", "-c", "raise SystemExit(37)"])).toMatchObject({ status: 37 });
    expect(workshop.run([shell, "git", "rev-parse", "--abbrev-ref", "HEAD"])).toMatchObject({ status: 0, stdout: "main\n" });
  });

  test("catches what a command of the host starts", () => {
    expect(workshop.run([shell, "sh", "-c", "./where"])).toMatchObject({ status: 0, stdout: inBullseye });
    expect(workshop.run([shell, "env", "-i", "/bin/sh", "-c", "./where"])).toMatchObject({ status: 0, stdout: inBullseye });
  });

  test("says what is missing, with a shell's statuses", () => {
    expect(workshop.run([shell, "no-such-command"])).toMatchObject({ status: 127, stderr: "qpod: no-such-command: command not found\n" });
    expect(workshop.run([shell, "./no-such-file"])).toMatchObject({ status: 127 });
    expect(workshop.run([shell, "./tool.c"])).toMatchObject({ status: 126 });
  });

  test.each(["/bin/bash", "/usr/bin/zsh", "/usr/bin/fish", "/bin/dash"])("runs a command line of -c with %s", (path) => {
    const env = { ...workshop.env, SHELL: path };
    expect(workshop.run([shell, "-c", "./where | cat; exit 3"], { env })).toMatchObject({ status: 3, stdout: inBullseye, stderr: "" });
    if (!path.endsWith("fish"))
      expect(workshop.run([shell, "-c", 'printf "%s," "$0" "$@"', "zero", "a b", "-x"], { env }).stdout).toBe("zero,a b,-x,");
  });

  test.each(typedShells)("reads commands from a pipe when there is no terminal, in $name", (typed) => {
    const env = moveIn(workshop, typed);
    // A real pipe: fish takes no commands from the socket that Node's own is.
    const lines = ["./where", "gcc-10 -dumpversion", "sh -c 'exit 4'"];
    const { status, stdout } = workshop.run(["sh", "-c", 'printf "%s\\n" "$@" | qpod-shell', "sh", ...lines], { env });
    expect(stdout).toMatch(/^in bullseye [^\n]*\n10\n$/);
    expect(status).toBe(4);
  });

  test("leaves nothing of its start-up files in the variables of a zsh without a terminal", () => {
    const env = moveIn(workshop, shellNamed("zsh"));
    expect(workshop.run([shell], { env, input: 'echo "${ZDOTDIR-unset} ${_qpod_zdotdir-unset}"\n' }).stdout).toBe("unset unset\n");
  });

  test("knows the user's shell and home without SHELL and HOME", () => {
    const { SHELL: _, HOME: __, ...env } = workshop.env;
    const { status, stdout, stderr } = workshop.run([shell], { env, input: "./where\n" });
    expect({ status, stdout }).toEqual({ status: 0, stdout: inBullseye });
    expect(stderr).toMatch(/^launching \/\S+sh in qpod mode/);
  });

  test("runs a program whose name is no text", () => {
    workshop.must(["sh", "-c", "mkdir -p bin && cp where bin/n\"$(printf '\\377')\""]);
    expect(workshop.run(["sh", "-c", `exec ${shell} -c "./bin/n$(printf '\\377')"`])).toMatchObject({ status: 0, stdout: inBullseye });
    expect(workshop.run(["sh", "-c", `exec ${shell} "./bin/n$(printf '\\377')"`])).toMatchObject({ status: 0, stdout: inBullseye });
  });

  // Node is found by the program in front, which needs it on PATH unless it is where everybody has it.
  test.runIf(process.execPath.startsWith("/usr/"))("looks where libc looks when PATH is not set", () => {
    const { PATH: _, ...env } = workshop.env;
    const options = { env: { ...env, SHELL: "/bin/dash" } };
    expect(workshop.run([shell, "sh", "-c", "./where; echo $PATH"], options).stdout).toMatch(
      /^in bullseye [^\n]*\n\/bin:\/usr\/bin:[^:]*\/qpod\/shims\n$/,
    );
  });

  test("takes the next usable shell when SHELL is not one", () => {
    const { stderr } = workshop.run([shell], { env: { ...workshop.env, SHELL: "/no/such/shell" }, input: "exit\n" });
    expect(stderr).toMatch(/^launching \/\S+sh in qpod mode/);
  });

  test("hands on Ctrl-C, Ctrl-Z and the window's size when a command is run from a plain shell", async () => {
    const bash = shellNamed("bash");
    const terminal = new Terminal(person, [bash.path], { cwd: workshop.repository, env: moveIn(workshop, bash) });
    try {
      await terminal.prompt();
      expect(await terminal.run("qpod-shell make")).toMatchObject({ status: 0 });
      terminal.type("qpod-shell ./build/tool --wait");
      await terminal.waitFor(/50 rows, 200 columns\s+now waiting/);
      terminal.press("ctrl-z");
      await terminal.waitFor(/Stopped/);
      await terminal.prompt();
      terminal.type("fg");
      await terminal.waitFor(/went on/);
      terminal.press("ctrl-c");
      expect(await terminal.prompt()).toMatchObject({ status: 130 });
    } finally {
      await terminal.close();
    }
  });

  test("lets the shell in it begin another", () => {
    const { status, stdout } = workshop.run(
      [shell, "-c", "qpod-shell -c 'qpod-shell ./where'; qpod-shell sh -c 'echo $LD_PRELOAD; echo $PATH'"],
      { env: { ...workshop.env, SHELL: "/bin/bash" } },
    );
    const [where, preload, path] = stdout.split("\n");
    expect({ status, where }).toEqual({ status: 0, where: inBullseye });
    expect(preload?.match(/libqpod/g)).toHaveLength(1);
    expect(path?.match(/\/qpod\/shims/g)).toHaveLength(1);
  });

  test("shims work for callers without a session", () => {
    const folder = workshop.must([installation.qpod, "shims"]).trim();
    expect(workshop.run([`${folder}/gcc-10`, "-dumpversion"])).toMatchObject({ status: 0, stdout: "10\n" });
    expect(workshop.run([`${folder}/gcc`, "-dumpversion"])).toMatchObject({ status: 0, stdout: "10\n" });
    const outside = workshop.run([`${folder}/python2`, "--version"], { cwd: workshop.home });
    expect(outside).toMatchObject({ status: 127, stderr: "qpod: python2: command not found\n" });
  });
});
