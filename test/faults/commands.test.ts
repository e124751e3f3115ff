import { unlinkSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { expectPod, expectRefusal, forEverybody } from "./refusals.ts";

forEverybody("a command that cannot be run", (sandbox) => {
  const run = (...words: string[]) => sandbox().command(["run", ...words]);

  test("because the environment has none: 127, with a remedy", async () => {
    const error =
      /^qpod: valgrind: not found in the environment \(pod old-tool-[0-9a-f]{12}\)\n {2}Install it there \(`qpod run --root`\), .*`host:`\.\n$/;
    expectRefusal(await sandbox().session("valgrind"), error, 127);
    expectRefusal(run("valgrind"), error, 127);
    expectRefusal(run("./nowhere"), /^qpod: \.\/nowhere: not found in the environment .*\n$/, 127);
    expect(await sandbox().session("./nowhere")).toMatchObject({
      status: 127,
      stderr: expect.stringContaining("No such file or directory"),
    });
  });

  test("because it is not executable: 126", async () => {
    sandbox().write("home/src/tool/text", "no program\n");
    sandbox().makeFolder("home/src/tool/folder");
    expectRefusal(run("./text"), /^qpod: cannot run \.\/text in the environment .*: Permission denied\n$/, 126);
    expectRefusal(run("./folder"), /^qpod: cannot run \.\/folder in the environment .*: Permission denied\n$/, 126);
    expect((await sandbox().session("./text")).status).toBe(126);
  });

  test("because it is of another machine: 126", async () => {
    const path = sandbox().write("home/src/tool/foreign", `\x7fELF\x02\x01\x01${"\0".repeat(9)}\x02\0\xf3\0\x01${"\0".repeat(60)}`, 0o755);
    expectRefusal(run("./foreign"), /^qpod: .*foreign.*\n/, 126);
    unlinkSync(path);
  });

  test("because its interpreter is missing: 127, with the reason", async () => {
    sandbox().write("home/src/tool/script", "#!/usr/bin/no-such-interpreter\n", 0o755);
    const error =
      /^qpod: \.\/script in the environment \(pod .*\): its interpreter is missing\n {2}The first line of a script, .* names a file that is not there\.\n$/;
    expectRefusal(await sandbox().session("exec env ./script"), error, 127);
    expectRefusal(run("./script"), error, 127);
  });

  test("because there is too much of it: the caller's own error", async () => {
    const { status, stdout, stderr } = await sandbox().session("exec env make $(seq 400000)");
    expect([status, stdout]).toEqual([126, ""]);
    expect(stderr).toMatch(/Argument list too long/);
  });

  test("because its folder is not in the environment: 125, with a remedy", async () => {
    const cwd = sandbox().makeFolder("outside");
    const error = new RegExp(
      `^qpod: the working directory ${cwd} cannot be entered in the environment: No such file or directory\\n {2}Go to a folder of the repository, .*\`mounts:\`\\.\\n$`,
    );
    expectRefusal(await sandbox().session(`exec ${sandbox().repository}/tell`, { cwd }), error);
  });

  test("because nobody can tell whose its removed folder was: 125, with a remedy", async () => {
    const cwd = sandbox().makeFolder("outside");
    expectRefusal(
      await sandbox().session("mkdir gone && cd gone && rmdir ../gone; exec make", { cwd }),
      /^(?:shell-init: .*\n)?qpod: cannot tell where (?:make|tell) belongs: the working directory does not exist any more\n {2}Change to a folder that exists\.\n$/,
    );
  });

  test("but it can in a removed folder of the repository, as on the host", async () => {
    const { repository } = sandbox();
    const script = "mkdir gone && cd gone && rmdir ../gone; exec";
    for (const command of [`make -f ${repository}/Makefile`, `${repository}/tell`, `${sandbox().qpod} run ${repository}/tell`]) {
      const outcome = await sandbox().session(`${script} ${command}`);
      expectPod({
        ...outcome,
        stderr: outcome.stderr.replace(/^(?:make|sh: 0|shell-init): (?:error retrieving current directory: )?getcwd.*\n/gm, ""),
      });
    }
  });

  test("because the repository was removed: never the host's tool", async () => {
    const gone = sandbox().makeRepository(join(sandbox().home, "src/gone"));
    expect(sandbox().command(["init", "old"], { cwd: gone }).stderr).toBe("");
    const makefile = join(sandbox().repository, "Makefile");
    const { status, stdout, stderr } = await sandbox().session(`rm -rf ${gone}; make -f ${makefile}`, { cwd: gone });
    expect([status, stdout]).toEqual([125, ""]);
    expect(stderr).toMatch(/^qpod: cannot tell where (?:make|tell) belongs: the working directory does not exist any more\n/);
    expectPod(await sandbox().session("make"));
  });

  test("but it can without HOME, without a terminal, and with nothing on stdin", async () => {
    expectPod(await sandbox().session("unset HOME; exec setsid -w make < /dev/null"));
    expectPod(await sandbox().session("exec env -u HOME -u USER -u LOGNAME -u SHELL -u TERM make <&-"));
    expectPod(sandbox().command(["run", "make"]));
  });

  test("but its user is told when HOME is unset and nothing is known of them", () => {
    const env = { HOME: "", XDG_CONFIG_HOME: sandbox().env.XDG_CONFIG_HOME ?? "" };
    expect(sandbox().command(["status"], { env })).toMatchObject({ status: 0, stderr: "" });
  });
});
