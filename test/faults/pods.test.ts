import { once } from "node:events";
import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { expectError, OLD, withSandbox } from "./fault.ts";

withSandbox("pods and commands that go wrong", (sandbox) => {
  test("a pod that was killed between two commands is started again", async () => {
    expect(await sandbox().say("make")).toContain(OLD);
    const [before] = sandbox().pods();
    process.kill(before?.pid ?? 0, "SIGKILL");
    expect(await sandbox().say("make")).toContain(OLD);
    expect(sandbox().pods()[0]?.pid).not.toBe(before?.pid);
  });

  test("a command goes on when its pod is killed under it, and the next one gets a new pod", async () => {
    sandbox().program("slow", "echo started; read answer; gcc -dumpfullversion");
    const child = sandbox().start([sandbox().qpod, "run", "./slow"]);
    const chunks: Buffer[] = [];
    child.stdout?.on("data", (chunk) => chunks.push(chunk));
    await once(child.stdout as NodeJS.ReadableStream, "data");
    const [before] = sandbox().pods();
    process.kill(before?.pid ?? 0, "SIGKILL");
    expect(await sandbox().say("make")).toContain(OLD);
    child.stdin?.end("go on\n");
    const [status] = await once(child, "close");
    expect(status).toBe(0);
    expect(Buffer.concat(chunks).toString()).toContain(OLD);
  });

  test("a working directory that the environment lacks is said to be the fault", async () => {
    const outside = sandbox().makeFolder("elsewhere");
    sandbox().program("tool", "echo ran");
    const { repository } = sandbox();
    expectError(await sandbox().session(`${repository}/tool`, { cwd: outside }), 125, outside, "mounts:");
  });

  test("a working directory that is gone is kept, as on the host", async () => {
    sandbox().makeFolder("home/src/tool/gone");
    const script = `rmdir "$PWD"; make -f ${sandbox().repository}/Makefile`;
    const outcome = await sandbox().session(script, { cwd: join(sandbox().repository, "gone") });
    expect(outcome.status).toBe(0);
    expect(outcome.stdout).toContain(OLD);
  });

  test("a command that the environment lacks is not found, whatever the host has", async () => {
    expectError(await sandbox().session("ninja"), 127, "ninja: not found in the environment", "qpod run --root");
    expectError(sandbox().command(["run", "no-such-command"]), 127, "no-such-command: not found in the environment");
    expectError(sandbox().command(["run", "./no-such-file"]), 127, "no-such-file: not found in the environment");
  });

  test("a file that cannot be executed, and a missing interpreter, are told apart", async () => {
    sandbox().write("home/src/tool/plain", "text\n", 0o644);
    expectError(sandbox().command(["run", "./plain"]), 126, "cannot run ./plain", "Permission denied");
    sandbox().write("home/src/tool/orphan", "#!/no/such/interpreter\n", 0o755);
    expectError(await sandbox().session("./orphan"), 127, /\.\/orphan .*its interpreter is missing/);
  });

  test("a repository that is deleted while a session is in it leaves nothing to run, here or on the host", async () => {
    const other = sandbox().makeRepository(join(sandbox().home, "src", "short"));
    sandbox().write("home/src/short/Makefile", "all:\n\t@gcc -dumpfullversion\n");
    sandbox().must([sandbox().qpod, "init", "old"], other);
    const outcome = await sandbox().session(`make; rm -rf ${other}; make; echo "status $?"; cd; ls >/dev/null; echo "status $?"`, {
      cwd: other,
    });
    expect(outcome.stdout).toMatch(/10\.2\.1.*\nstatus 125\nstatus 0\n$/);
    expect(sandbox().command(["status"]).status).toBe(0);
    rmSync(other, { recursive: true, force: true });
  });

  test("more arguments than the kernel takes are refused by the kernel, as without us", async () => {
    const many = "$(head -c 2900000 /dev/zero | tr '\\0' x | fold -w 1000)";
    sandbox().program("count", "echo $#");
    const outcome = await sandbox().session(`./count ${many}`);
    expect(outcome.status).toBe(126);
    expect(outcome.stderr).toMatch(/Argument list too long/);
    expect(await sandbox().say(`./count ${many.replace("2900000", "1900000")}`)).toBe("1900");
  });

  test("without HOME the user database says where home is", () => {
    const env = { ...sandbox().env };
    delete env.HOME;
    const outcome = sandbox().run([sandbox().qpod, "--version"], { env });
    expect(outcome).toMatchObject({ status: 0 });
    mkdirSync(join(sandbox().home, "src"), { recursive: true });
    const listed = sandbox().run([sandbox().qpod, "env", "list"], { env, cwd: sandbox().repository });
    expect(listed.stderr).toBe("");
  });
});
