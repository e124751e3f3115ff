import { existsSync, readlinkSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { everywhere } from "./everywhere.ts";

const here = readlinkSync("/proc/self/ns/mnt");
const tell = "PATH=/usr/bin:/bin readlink /proc/self/ns/mnt";
const definition = `host: [kept, tools/host/, "*.local"]
commands: [tell-where, "*-special"]
`;

everywhere(
  "what runs where",
  definition,
  (sandbox) => {
    beforeAll(() => {
      sandbox().program("tell", tell);
      sandbox().write("home/src/tool/Makefile", `all:\n\t@${tell}\n`);
      sandbox().write("home/Makefile", `all:\n\t@${tell}\n`);
    });

    /** Where the last line of what a script writes was written. */
    async function where(script: string, cwd = sandbox().repository): Promise<"host" | "pod"> {
      const last = (await sandbox().say(script, { cwd })).split("\n").at(-1) ?? "";
      expect(last).toMatch(/^mnt:\[\d+\]$/);
      return last === here ? "host" : "pod";
    }

    test.each([
      ["make", "make"],
      ["by its path", "/usr/bin/make"],
      ["by env", "env make"],
      ["by env -i", "env -i make"],
      ["by a shell", "sh -c 'make; true'"],
      ["by a script", "echo 'exec make' > script.txt; dash script.txt"],
      ["by xargs", "echo all | xargs make"],
      ["by find", "find Makefile -exec make -f {} \\;"],
      ["by a substitution", 'echo "$(make)"'],
      ["by nohup, setsid and timeout", "nohup setsid -w timeout 20 make"],
      ["by python's subprocess", `python3 -c 'import subprocess; subprocess.run(["make"], check=True)'`],
      ["by perl's system", "perl -e 'system(\"make\")'"],
      ["by an inner session", "qpod-shell -c make"],
      ["as a shim", "$(qpod shims)/make"],
    ])("a command of the environment, called %s", async (_, script) => {
      expect(await where(script)).toBe("pod");
      expect(await where(script.replace("$(qpod shims)", "$(cd src/tool; qpod shims)"), sandbox().home)).toBe("host");
    });

    test("other commands of the host, in the repository too", async () => {
      expect(await where(tell)).toBe("host");
      expect(await where("git -c alias.t='!readlink /proc/self/ns/mnt' t")).toBe("host");
    });

    test("a program of the repository, by whatever path", async () => {
      const { home, repository } = sandbox();
      sandbox().makeFolder("home/bin");
      symlinkSync(join(repository, "tell"), join(home, "bin/tell-by-link"));
      symlinkSync("tell", join(repository, "tell-link"));
      expect(await where("./tell")).toBe("pod");
      expect(await where("../tell", sandbox().makeFolder("home/src/tool/sub"))).toBe("pod");
      expect(await where(join(repository, "tell"))).toBe("pod");
      expect(await where("PATH=.:$PATH; tell")).toBe("pod");
      expect(await where("./tell-link")).toBe("pod");
      expect(await where("src/../src/tool/./tell", home)).toBe("pod");
      expect(await where("~/bin/tell-by-link")).toBe("pod");
      expect(await where("PATH=~/bin:$PATH; tell-by-link")).toBe("pod");
    });

    test("a program of the repository that is called from elsewhere has a folder that the environment lacks", async () => {
      const { status, stderr } = await sandbox().session(`${sandbox().repository}/tell`, { cwd: sandbox().makeFolder("elsewhere") });
      expect([status, stderr]).toEqual([
        125,
        expect.stringMatching(
          /^qpod: the working directory \/.*\/elsewhere cannot be entered in the environment: No such file or directory\n {2}Go to a folder of the repository, or add the folder to the environment's `mounts:`\.\n$/,
        ),
      ]);
    });

    test("scripts with and without a first line, and those of a missing interpreter", async () => {
      sandbox().write("home/src/tool/plain", `${tell}\n`, 0o755);
      sandbox().write("home/src/tool/old.py", "#!/usr/bin/env python2\nimport os\nprint os.readlink('/proc/self/ns/mnt')\n", 0o755);
      expect(await where("./plain")).toBe("pod");
      expect(await where("perl -e 'exec \"./plain\"'")).toBe("pod");
      expect(await where("./old.py")).toBe("pod");
    });

    test("what the environment keeps on the host", async () => {
      for (const name of ["kept", "any.local", "tools/host/one"]) sandbox().program(name, tell);
      expect(await where("./kept")).toBe("host");
      expect(await where("./any.local")).toBe("host");
      expect(await where("tools/host/one")).toBe("host");
      expect(await where("cd tools; ./host/one")).toBe("host");
    });

    test("what the environment adds to the usual commands", async () => {
      sandbox().write("home/bin/tell-where", `#!/bin/sh\n${tell}\n`, 0o755);
      sandbox().write("home/bin/very-special", `#!/bin/sh\n${tell}\n`, 0o755);
      const { status, stderr } = await sandbox().session("PATH=~/bin:$PATH; tell-where");
      expect([status, stderr]).toEqual([
        127,
        expect.stringMatching(/^qpod: tell-where: not found in the environment \(pod old-tool-[0-9a-f]+\)\n {2}Install it there .*\n$/),
      ]);
      expect((await sandbox().session("PATH=~/bin:$PATH; very-special")).status).toBe(127);
      expect(await where("PATH=~/bin:$PATH; tell-where", sandbox().home)).toBe("host");
    });

    test("hooks of git on the host", async () => {
      const hook = sandbox().program(".git/hooks/pre-commit", `${tell} >&2`);
      expect(existsSync(hook)).toBe(true);
      const { stderr } = await sandbox().session("git -c user.name=Q -c user.email=q@example.com commit --quiet --allow-empty -m x");
      expect(stderr).toBe(`${here}\n`);
      expect(await where(".git/hooks/pre-commit 2>&1")).toBe("host");
    });

    test("as `qpod explain` says", async () => {
      const place = async (command: string, cwd = sandbox().repository) =>
        JSON.parse(await sandbox().say(`qpod explain --json ${command}`, { cwd })).place;
      expect(await place("make")).toBe("pod");
      expect(await place("./tell")).toBe("pod");
      expect(await place("./kept")).toBe("host");
      expect(await place("ls")).toBe("host");
      expect(await place("make", sandbox().home)).toBe("host");
    });
  },
  "main",
);
