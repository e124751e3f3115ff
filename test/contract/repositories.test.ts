import { readlinkSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, expect, test } from "vitest";
import { everywhere } from "./everywhere.ts";

const here = readlinkSync("/proc/self/ns/mnt");
const tell = "readlink /proc/self/ns/mnt";

everywhere("repositories", "", (sandbox) => {
  const git = "git -c user.name=Q -c user.email=q@example.com";
  let count = 0;
  let repository: string;

  beforeEach(() => {
    repository = sandbox().makeRepository(join(sandbox().home, `src/r${++count}`));
    sandbox().write(`home/src/r${count}/Makefile`, `all:\n\t@${tell}; pwd\n`);
    sandbox().must(["git", "add", "."], repository);
    sandbox().must(["git", "-c", "user.name=Q", "-c", "user.email=q@example.com", "commit", "--quiet", "-m", "Tell"], repository);
  });

  const bind = (...pattern: string[]) => expect(sandbox().command(["init", "old", ...pattern], { cwd: repository }).stderr).toBe("");

  async function make(cwd: string): Promise<"host" | "pod"> {
    const [namespace, directory] = (await sandbox().say("make --no-print-directory", { cwd })).split("\n");
    expect(directory).toBe(cwd);
    return namespace === here ? "host" : "pod";
  }

  test("are bound by the pattern of a branch", async () => {
    bind("--branch", "release/2018.*");
    expect(await make(repository)).toBe("host");
    await sandbox().say("git checkout --quiet -b release/2018.3", { cwd: repository });
    expect(await make(repository)).toBe("pod");
    await sandbox().say("git checkout --quiet -b release/2018.3/deeper 2>/dev/null || git checkout --quiet -b other", { cwd: repository });
    expect(await make(repository)).toBe("host");
    await sandbox().say("git checkout --quiet release/2018.3; git checkout --quiet --detach", { cwd: repository });
    expect(await make(repository)).toBe("host");
  });

  test("go by the binding of every branch with a detached HEAD", async () => {
    bind();
    await sandbox().say("git checkout --quiet --detach", { cwd: repository });
    expect(await make(repository)).toBe("pod");
  });

  test("may be bound in a session that runs on", async () => {
    expect(await make(repository)).toBe("host");
    await sandbox().say("qpod init old > /dev/null", { cwd: repository });
    expect(await make(repository)).toBe("pod");
    await sandbox().say("qpod unbind > /dev/null", { cwd: repository });
    expect(await make(repository)).toBe("host");
  });

  test("take their new work trees with them", async () => {
    bind();
    const tree = `${repository}-tree`;
    await sandbox().say(`git worktree add --quiet -b other ${tree}`, { cwd: repository });
    expect(await make(tree)).toBe("pod");
    expect(await sandbox().say("git status --short; git worktree list | wc -l", { cwd: tree })).toBe("2");
  });

  test("choose by the branch of the work tree, inside of another one too", async () => {
    bind("--branch", "release/*");
    const tree = join(repository, "trees/release");
    await sandbox().say(`git worktree add --quiet -b release/1 ${tree}`, { cwd: repository });
    expect(await make(tree)).toBe("pod");
    expect(await make(repository)).toBe("host");
  });

  test("may be moved", async () => {
    bind();
    expect(await make(repository)).toBe("pod");
    const moved = `${repository}-moved`;
    await sandbox().say(`mv ${repository} ${moved}`, { cwd: sandbox().home });
    expect(await make(moved)).toBe("pod");
    const again = `${moved}-again`;
    await sandbox().say(`mv ${moved} ${again}; qpod refresh`, { cwd: sandbox().home });
    expect(await make(again)).toBe("pod");
  });

  test("may be moved when nothing else is bound, and before a session begins", async () => {
    const others = (await sandbox().say("ls -d */", { cwd: join(sandbox().home, "src") }))
      .split("\n")
      .map((name) => join(sandbox().home, "src", name));
    for (const cwd of others) sandbox().command(["unbind"], { cwd });
    bind();
    const moved = `${repository}-moved`;
    sandbox().must(["mv", repository, moved], sandbox().home);
    sandbox().leaveSession();
    expect(await make(moved)).toBe("pod");
  });

  test("go by the innermost one that is bound", async () => {
    bind();
    const inner = sandbox().makeRepository(join(repository, "inner"));
    sandbox().write(`home/src/r${count}/inner/Makefile`, `all:\n\t@${tell}; pwd\n`);
    const outermost = (await sandbox().say("make", { cwd: repository })).split("\n")[0];
    expect((await sandbox().say("make", { cwd: inner })).split("\n")[0]).toBe(outermost);
    expect(sandbox().command(["init", "old"], { cwd: inner }).stderr).toBe("");
    const innermost = (await sandbox().say("make", { cwd: inner })).split("\n")[0];
    expect([here, outermost]).not.toContain(innermost);
  });

  test("may have their git directory elsewhere", async () => {
    await sandbox().say(`mv .git ${repository}.git; echo 'gitdir: ${repository}.git' > .git`, { cwd: repository });
    bind();
    expect(await make(repository)).toBe("pod");
    await sandbox().say(`${git} commit --quiet --allow-empty -m x`, { cwd: repository });
  });
});
