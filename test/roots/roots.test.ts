import { execFileSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { copyInstallation, type Installation } from "../support/installation.ts";
import { findPeople } from "../support/person.ts";
import { findSettings, Sandbox } from "../support/sandbox.ts";
import { ancientTree, arm64Tree, bareTree, busyboxTree, compile, hasBusybox, muslTree, saveImage } from "./trees.ts";

let installation: Installation;
/** The trees are root's, as those of an administrator, and everybody may read them. */
let trees: string;

beforeAll(() => {
  installation = copyInstallation();
  trees = mkdtempSync("/var/tmp/qpod-trees-");
  chmodSync(trees, 0o755);
});

afterAll(() => {
  installation.remove();
  rmSync(trees, { recursive: true, force: true });
});

const as = findPeople().map((person) => ({ person, title: `embedded, as ${person.name}` }));
const tree = (name: string) => join(trees, name);

/** A sandbox whose repository is bound to what the definition says. */
function bind(sandbox: Sandbox, definition: string): Sandbox {
  sandbox.write("home/.config/qpod/environments/odd.yaml", definition);
  sandbox.makeRepository();
  sandbox.must([sandbox.qpod, "init", "odd"]);
  return sandbox;
}

describe.each(as)("a root filesystem ($title)", ({ person }) => {
  let sandbox: Sandbox;

  beforeAll(() => {
    sandbox = new Sandbox({ engine: "embedded", person, title: "" }, installation);
    sandbox.write("outside", "");
  });
  afterAll(() => sandbox.remove());

  /** Runs a command in a repository of its own that is bound to that root. */
  function run(folder: string, words: string[], more = "", env: Record<string, string> = {}) {
    const name = folder.split("/").at(-1) as string;
    sandbox.write(`home/.config/qpod/environments/${name}.yaml`, `rootfs: ${folder}\nengine: embedded\n${more}`);
    const repository = join(sandbox.home, "src", name);
    if (!existsSync(repository)) sandbox.must([sandbox.qpod, "init", name], sandbox.makeRepository(repository));
    return sandbox.command(["run", "--", ...words], { cwd: repository, env });
  }

  test.skipIf(!hasBusybox)("of busybox alone has a shell, the user's name, and nothing that the host's variables would bring", () => {
    if (!existsSync(tree("busybox"))) busyboxTree(tree("busybox"));
    const say = (...words: string[]) => run(tree("busybox"), words);
    expect(say("sh", "-c", "pwd; id -un; echo $HOME")).toEqual({
      status: 0,
      stdout: `${sandbox.home}/src/busybox\n${person.name}\n${sandbox.home}\n`,
      stderr: "",
    });
    expect(run(tree("busybox"), ["env"], "", { LANG: "de_DE.UTF-8", LC_CTYPE: "C" }).stdout).toMatch(/^LC_CTYPE=C$/m);
    expect(run(tree("busybox"), ["env"], "", { LANG: "de_DE.UTF-8" }).stdout).not.toMatch(/^LANG=/m);
    expect(say("sh", "-c", "echo made > file && cat file")).toMatchObject({ status: 0, stdout: "made\n" });
    expect(say("make")).toMatchObject({ status: 127, stderr: expect.stringContaining("make: not found in the environment") });
    // A script without a first line of its own is the shell's, as ever.
    sandbox.write("home/src/busybox/script", "echo by $0\n", 0o755);
    expect(say("./script")).toMatchObject({ status: 0, stdout: "by ./script\n" });
  });

  test("of one static program has no /etc, no /tmp, no locale and no shell, and needs none", () => {
    if (!existsSync(tree("bare"))) bareTree(tree("bare"));
    const { status, stdout, stderr } = run(tree("bare"), ["tell", "cwd", "uid", "HOME", "LANG"], "", { LANG: "en_US.UTF-8" });
    expect([status, stderr]).toEqual([0, ""]);
    expect(stdout).toBe(`${sandbox.home}/src/bare\n${person.uid}\n${sandbox.home}\n(unset)\n`);
    expect(run(tree("bare"), ["tell", "LANG"], "", { LANG: "C" }).stdout).toBe("C\n");
    expect(readdirSync(tree("bare"))).toEqual(["bin"]);
    sandbox.write("home/src/bare/script", "#!/bin/sh\ntrue\n", 0o755);
    expect(run(tree("bare"), ["./script"])).toMatchObject({ status: 127, stderr: expect.stringContaining("its interpreter is missing") });
  });

  test("of another libc runs its programs: musl", () => {
    if (!existsSync(tree("musl"))) muslTree(tree("musl"));
    expect(run(tree("musl"), ["tell", "cwd"])).toMatchObject({ status: 0, stdout: `${sandbox.home}/src/musl\n` });
    expect(run(tree("musl"), ["tell", "LANG"], "", { LANG: "C.UTF-8" }).stdout).toBe("C.UTF-8\n");
  });

  test.skipIf(process.arch !== "x64")("of another time runs programs for i386 that know no libc and no new call", () => {
    if (!existsSync(tree("ancient"))) ancientTree(tree("ancient"));
    expect(run(tree("ancient"), ["make"])).toEqual({ status: 7, stdout: "from another time\n", stderr: "" });
  });

  test("may ask for a small limit of open files, which old tools count up to", () => {
    if (!existsSync(tree("limited"))) bareTree(tree("limited"));
    const [soft, hard] = run(tree("limited"), ["tell", "files"]).stdout.trim().split(" ").map(Number) as [number, number];
    expect(soft).toBeGreaterThan(256);
    expect(run(tree("limited"), ["tell", "files"], "limits: {open-files: 256}\n").stdout).toBe("256 256\n");
    // More than the caller has is not to be had.
    expect(run(tree("limited"), ["tell", "files"], "limits: {open-files: 9000000000}\n").stdout).toBe(`${hard} ${hard}\n`);
  });

  test("for another processor is refused with the reason, or runs where the kernel has an emulator for it", () => {
    if (!existsSync(tree("arm64"))) arm64Tree(tree("arm64"));
    const outcome = run(tree("arm64"), ["make"]);
    if (isEmulated("aarch64")) expect(outcome).toEqual({ status: 7, stdout: "arm64\n", stderr: "" });
    else {
      expect(outcome).toMatchObject({ status: 125, stdout: "" });
      expect(outcome.stderr).toContain(
        `${tree("arm64")} is for arm64, this machine is amd64\n  Choose one for amd64, or install qemu-user-static`,
      );
    }
  });
});

/** Whether the kernel starts an emulator for those programs. */
function isEmulated(machine: string): boolean {
  const file = `/proc/sys/fs/binfmt_misc/qemu-${machine}`;
  return existsSync(file) && readFileSync(file, "latin1").startsWith("enabled");
}

/** The parts of an image's configuration that `docker run` goes by, all of them unusable. */
const oddConfig = {
  Env: ["PATH=bin::/no/such/folder:/odd/bin:/bin", "ODD=one=two ", "EMPTY=", "LD_LIBRARY_PATH=/odd/lib"],
  Entrypoint: ["/no/such/entrypoint", "--flag"],
  Cmd: ["also-not-there"],
  WorkingDir: "/no/such/workdir",
  User: "nobody-knows:4711",
  Volumes: { "/odd/volume": {} },
  StopSignal: "SIGUSR1",
};

describe.each(findSettings())("an image whose configuration is odd ($title)", (setting) => {
  let sandbox: Sandbox;

  beforeAll(() => {
    const file = tree("odd.tar");
    if (!existsSync(file)) {
      bareTree(tree("odd"));
      mkdirSync(join(tree("odd"), "odd/bin"), { recursive: true });
      execFileSync("mv", [join(tree("odd"), "bin/tell"), join(tree("odd"), "odd/bin/tell")]);
      compile("tell", join(tree("odd"), "bin/make"), ["-static"]);
      saveImage(tree("odd"), oddConfig, process.arch === "arm64" ? "arm64" : "amd64", file);
      chmodSync(file, 0o644);
    }
    sandbox = bind(new Sandbox(setting, installation), `archive: ${file}\nengine: ${setting.engine}\n`);
  });
  afterAll(() => sandbox?.remove());

  test("runs commands in the repository, by the image's own PATH, as the user, with its variables", async () => {
    const { person, repository } = sandbox;
    const told = await sandbox.session("make cwd uid PATH ODD EMPTY LD_LIBRARY_PATH");
    expect(told).toEqual({
      status: 0,
      stdout: `${repository}\n${person.uid}\nbin::/no/such/folder:/odd/bin:/bin\none=two \n\n/odd/lib\n`,
      stderr: "",
    });
    expect(sandbox.command(["run", "tell", "cwd"])).toMatchObject({ status: 0, stdout: `${repository}\n` });
    // A relative folder of PATH is one of the working directory's.
    mkdirSync(join(repository, "bin"));
    writeFileSync(join(repository, "bin/own"), "#!/odd/bin/tell uid\n", { mode: 0o755 });
    expect(sandbox.command(["run", "own"]).stdout).toContain(`${person.uid}\n`);
  });

  test("for another processor is refused with the reason", () => {
    if (isEmulated("aarch64")) return;
    const file = tree("arm64.tar");
    if (!existsSync(file)) {
      saveImage(arm64Tree(tree("arm64-image")), {}, "arm64", file);
      chmodSync(file, 0o644);
    }
    sandbox.write("home/.config/qpod/environments/foreign.yaml", `archive: ${file}\nengine: ${setting.engine}\n`);
    const { status, stderr } = sandbox.command(["run", "--env", "foreign", "make"]);
    expect([status, stderr]).toEqual([125, expect.stringMatching(/is for arm64, this machine is amd64\n {2}Choose one for amd64/)]);
  });
});
