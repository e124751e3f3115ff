import { execFileSync } from "node:child_process";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { copyInstallation, type Installation } from "../support/installation.ts";
import { findPeople } from "../support/person.ts";
import { testRootfs } from "../support/rootfs.ts";
import { Workshop } from "../support/workshop.ts";

let installation: Installation;
let rootfs: string;
const callers = [
  { caller: "static-caller", what: "a static program", flags: ["-static"] },
  { caller: "raw-caller", what: "a program of raw system calls", flags: ["-static", "-nostdlib", "-fno-stack-protector"] },
];

beforeAll(async () => {
  installation = copyInstallation();
  rootfs = await testRootfs();
  for (const { caller, flags } of callers) {
    const source = join(import.meta.dirname, "fixtures", `${caller}.c`);
    execFileSync("cc", ["-O1", ...flags, "-o", join(installation.folder, caller), source]);
  }
  const spawner = join(import.meta.dirname, "../preload/fixtures/caller.c");
  execFileSync("cc", ["-O1", "-w", "-o", join(installation.folder, "spawner"), spawner]);
});

afterAll(() => installation.remove());

/** Callers that a preloaded library cannot reach. Here gcc is bullseye's, version 10, and the host's is not. */
describe.each(findPeople().map((person) => ({ person, title: `as ${person.name}` })))("the shims ($title)", ({ person }) => {
  let workshop: Workshop;
  let shims: string;

  beforeAll(() => {
    workshop = new Workshop(person, installation);
    workshop.bind(rootfs);
    workshop.write("home/src/Makefile", "all:\n\t@echo outside\n");
    shims = workshop.must([installation.qpod, "shims"]).trim();
  });

  afterAll(() => workshop.remove());

  const outside = () => join(workshop.home, "src");
  const withShims = () => ({ ...workshop.env, PATH: `${shims}:${installation.path}` });

  describe.each(callers)("called by $what", ({ caller }) => {
    const run = (words: string[], cwd = workshop.repository, env = withShims()) =>
      workshop.run([join(installation.folder, caller), ...words], { cwd, env });

    test("run the environment's programs in the repository, and the host's elsewhere", () => {
      expect(run(["make", "clean"])).toMatchObject({ status: 0, stderr: "" });
      expect(run(["make"])).toMatchObject({ status: 0, stdout: expect.stringContaining("building with gcc 10\n"), stderr: "" });
      expect(run(["gcc", "-dumpversion"]).stdout).toBe("10\n");
      expect(run(["gcc", "-dumpversion"], outside()).stdout).toBe(execFileSync("gcc", ["-dumpversion"], { encoding: "utf8" }));
      expect(run(["make"], outside()).stdout).toBe("outside\n");
      // A compiler finds its own parts by the name that it was called by.
      workshop.write("home/src/main.c", '#include <stdio.h>\nint main(void) { return puts("works") < 0; }\n');
      expect(run(["gcc", "-o", "main", "main.c"], outside())).toMatchObject({ status: 0, stderr: "" });
    });

    test("give the environment's status, and say what it lacks", () => {
      expect(run(["make", "no-such-target"])).toMatchObject({ status: 2 });
      expect(run(["clang"])).toMatchObject({ status: 127, stderr: expect.stringContaining("clang: not found in the environment") });
    });
  });

  /** A session puts them first on PATH for a program that will not load its library. */
  describe.each(callers)("called in a session by $what", ({ caller }) => {
    const shell = () => join(installation.folder, "bin/qpod-shell");
    const program = join("/", "@", caller);
    const run = (words: string[], cwd = workshop.repository) =>
      workshop.run(
        words.map((word) => word.replaceAll(program, join(installation.folder, caller))),
        { cwd },
      );

    test("run the environment's programs, started by a shell, by env -i, by a script of theirs or by the session itself", () => {
      const ten = { status: 0, stdout: "10\n", stderr: "" };
      expect(run([shell(), program, "gcc", "-dumpversion"])).toMatchObject(ten);
      expect(run([shell(), "-c", `${program} gcc -dumpversion`])).toMatchObject(ten);
      expect(run([shell(), "-c", `env -i PATH=/usr/bin ${program} gcc -dumpversion`])).toMatchObject(ten);
      expect(run([shell(), "python3", "-c", `import subprocess; subprocess.run(["${program}", "gcc", "-dumpversion"])`])).toMatchObject(
        ten,
      );
      expect(run([shell(), program, "sh", "-c", "make clean && make"]).stdout).toContain("building with gcc 10\n");
      // The environment's gcc does not see the home folder, and says so.
      workshop.write("home/script", `#!${join(installation.folder, caller)} gcc\n`, 0o755);
      expect(run([shell(), join(workshop.home, "script")]).stderr).toContain("home/script: No such file");
    });

    test("leave the PATH of other programs, and of qpod's own, as it is", () => {
      const path = `${installation.path}:${shims}`;
      expect(run([shell(), "printenv", "PATH"]).stdout).toBe(`${path}\n`);
      expect(run([shell(), "sh", "-c", "printenv PATH"]).stdout).toBe(`${path}\n`);
      expect(run([shell(), "qpod-shell", "printenv", "PATH"]).stdout).toBe(`${path}\n`);
      expect(run([shell(), program, "printenv", "PATH"]).stdout).toBe(`${shims}:${path}\n`);
    });
  });

  test("are not needed for a program that starts others in another folder, by posix_spawn's chdir actions", () => {
    const program = join(installation.folder, "spawner");
    const run = (variable: string, to: string, cwd: string) =>
      workshop.run([join(installation.folder, "bin/qpod-shell"), program, "posix_spawnp", "gcc", "-dumpversion"], {
        cwd,
        env: { ...workshop.env, [variable]: to },
      }).stdout;
    const host = execFileSync("gcc", ["-dumpversion"], { encoding: "utf8" });
    for (const variable of ["CALLER_CHDIR", "CALLER_FCHDIR"]) {
      expect(run(variable, workshop.repository, outside())).toBe("10\npid given\n");
      expect(run(variable, outside(), workshop.repository)).toBe(`${host}pid given\n`);
    }
  });

  test("work with nothing but HOME and PATH, as cron starts programs, and make the pod and the policy again", () => {
    const cron = { HOME: workshop.home, PATH: `${shims}:/usr/bin:/bin`, SHELL: "/bin/sh", LOGNAME: person.name };
    const job = (text: string) => workshop.run(["/bin/sh", "-c", text], { cwd: workshop.home, env: cron });
    const version = () => job("cd src/tool && gcc -dumpversion");
    expect(version()).toMatchObject({ status: 0, stdout: "10\n", stderr: "" });
    workshop.must([installation.qpod, "down", "--all"]);
    expect(version()).toMatchObject({ status: 0, stdout: "10\n", stderr: "" });
    rmSync(join(shims, "../policy"));
    const path = `${cron.PATH}:${installation.path}`;
    expect(job(`PATH=${path}; cd src/tool && gcc -dumpversion`)).toMatchObject({ status: 0, stdout: "10\n", stderr: "" });
    expect(version()).toMatchObject({ status: 0, stdout: "10\n", stderr: "" });
  });
});
