import { chmodSync, chownSync, existsSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { hasLibrary32, Session } from "./session.ts";

let session: Session;
const compilers = [
  { libc: "glibc", compiler: "cc", flags: [], there: true },
  { libc: "glibc32", compiler: "cc", flags: ["-m32"], there: hasLibrary32 && existsSync("/lib32/libc.so.6") },
  { libc: "musl", compiler: "musl-gcc", flags: [], there: existsSync("/usr/bin/musl-gcc") },
].filter((one) => one.there);

beforeAll(() => {
  session = new Session();
  for (const { libc, compiler, flags } of compilers) {
    for (const name of ["caller", "limits"]) {
      session.compile(`${name}.c`, join(session.folder, `${name}-${libc}`), flags, compiler);
    }
  }
}, 60_000);
beforeEach(() => session.writePolicy());
afterAll(() => session?.remove());

const tool = "@/repository/bin/tool";
const at = (path: string) => path.replace("@", session.folder);
const launched = (exec: string, argv: string[], preload = "@/run/$LIB/libqpod-before-libasan.so") =>
  `launcher exec=${exec} argc=${argv.length} argv=${argv.map((one) => `[${one}]`).join("")} preload=${preload}`;

/** Skips what this machine cannot run. */
const itHas = (...programs: string[]) =>
  programs.every((name) => (process.env.PATH ?? "").split(":").some((folder) => existsSync(join(folder, name)))) ? it : it.skip;

describe.each(compilers)("a program that uses $libc", ({ libc }) => {
  const call = (name: string, path: string, args: string[] = ["a", "b"], env = {}, cwd?: string) =>
    session.run([join(session.folder, `caller-${libc}`), name, at(path), ...args], { env, ...(cwd ? { cwd } : {}) });
  const limits = (...args: [string, ...string[]]) => session.run([join(session.folder, `limits-${libc}`), ...args]);

  it.each(["execv", "execve", "execvp", "execvpe", "execl", "execlp", "fexecve", "fexecve-path", "vfork"])(
    "is taken to the launcher by %s of a program in the repository, and to the host otherwise",
    (name) => {
      expect(call(name, tool)).toEqual({ status: 42, text: launched(tool, [tool, "a", "b"]) });
      expect(call(name, "@/outside/other")).toEqual({ status: 0, text: "host: other a b" });
    },
  );

  it.each(["execle", "execvpe-marked", "empty", "null-envp"])("gives %s's environment to the launcher as it is", (name) => {
    expect(call(name, tool)).toEqual({ status: 42, text: launched(tool, [tool, "a", "b"], "(none)") });
    expect(call(name, "@/outside/other").text).toBe("host: other a b");
  });

  it("may pass no arguments at all", () => {
    expect(call("null-argv", tool).text).toBe(launched(tool, [""]));
    expect(call("execle-nothing", tool).text).toBe(launched(tool, [""], "(none)"));
    expect(call("null-argv", "@/outside/other").text).toBe("host: other");
  });

  it.each(["posix_spawn", "posix_spawnp"])("is taken to the launcher by %s, which gives the pid", (name) => {
    expect(call(name, tool)).toEqual({ status: 42, text: `${launched(tool, [tool, "a", "b"])}\npid given` });
    expect(call(name, "@/outside/other")).toEqual({ status: 0, text: "host: other a b\npid given" });
  });

  it.each(["posix_spawn", "posix_spawnp"])("gets the error from %s as a number, as without us", (name) => {
    const caller = join(session.folder, `caller-${libc}`);
    const alone = session.run([caller, name, at("@/repository/bin/none")], { env: { LD_PRELOAD: "" } });
    expect(alone.text).toMatch(/^returned 2 /);
    expect(call(name, "@/repository/bin/none")).toEqual(alone);
  });

  it.each(["system", "popen"])("starts a shell by %s that is in the session too", (name) => {
    expect(call(name, tool, [])).toEqual({ status: 42, text: launched(tool, [tool]) });
  });

  it("leaves it to the launcher where a program goes that starts in another folder", () => {
    const env = { CALLER_CHDIR: session.repository };
    expect(call("posix_spawn", "bin/tool", [], env, session.repository).text).toContain(launched("bin/tool", ["bin/tool"]));
    expect(call("posix_spawn", "@/outside/make", [], env).text).toContain(launched("@/outside/make", ["@/outside/make"]));
    expect(call("posix_spawn", "@/outside/other", ["a"], env).text).toBe("host: other a\npid given");
    const opened = { CALLER_FCHDIR: session.repository };
    expect(call("posix_spawn", "bin/tool", [], opened).text).toContain(launched("bin/tool", ["bin/tool"]));
    expect(call("posix_spawnp", "@/outside/make", [], opened).text).toContain(launched("@/outside/make", ["@/outside/make"]));
  });

  it("passes 200,000 arguments from a vforked child", () => {
    expect(limits("many-arguments", "200000", "/bin/true")).toEqual({ status: 0, text: "" });
    expect(limits("many-arguments", "200000", at(tool))).toMatchObject({
      status: 42,
      text: expect.stringContaining(`launcher exec=${tool} argc=200001`),
    });
  });

  it("hears E2BIG where it would without us", () => {
    for (const path of [at(tool), "/bin/true"]) {
      expect(limits("too-big", path).text).toMatch(/^errno 7 /);
    }
  });

  it("may have 100,000 variables", () => {
    expect(limits("many-variables", "100000", at(tool)).status).toBe(42);
    expect(limits("many-variables", "100000", "/bin/true").status).toBe(0);
  });

  it.each(["/bin/true", tool])("keeps nothing of 50 vforked children that ran %s", (path) => {
    const { text } = limits("leak", "50", at(path));
    expect(text.split("\n").at(-1)).toBe("0 mappings, 0 descriptors, 0 variables more");
  });

  it("finds the program in PATH as libc does: empty elements, folders and files that may not be executed are passed", () => {
    session.makeFolder("outside/p1/other");
    session.script("outside/p2/other", "echo wrong");
    rmSync(join(session.outside, "p3"), { recursive: true, force: true });
    const env = { PATH: "/nowhere:@/outside/p1:@/outside/p3::@/repository/bin".replaceAll("@", session.folder) };
    expect(call("execvp", "other", [], env, session.outside).text).toBe("host: other");
    expect(call("execvp", "tool", [], env).text).toBe(launched(tool, ["tool"]));
    expect(call("execvp", "none", [], env).text).toMatch(/^errno 2 /);
  });
});

describe("execveat", () => {
  const call = (name: string, path: string, env = {}) => session.run([join(session.folder, "caller-glibc"), name, at(path)], { env });

  it("is understood with a folder's descriptor", () => {
    const env = { CALLER_FOLDER: join(session.repository, "bin") };
    expect(call("execveat", "tool", env).text).toBe(launched(tool, ["tool"]));
  });

  it("refuses a link when asked to", () => {
    rmSync(join(session.outside, "link"), { force: true });
    symlinkSync(at(tool), join(session.outside, "link"));
    expect(call("execveat-nofollow", "@/outside/link").text).toMatch(/^errno 40 /);
  });
});

describe("a shell", () => {
  const script = "make x; cd ../repository; make y; git --version >/dev/null; .git/hooks/hook; ./bin/tool; ls >/dev/null";
  const expected = () => ["host: make", launched("@/outside/make", ["make", "y"]), "host: hook", launched("./bin/tool", ["./bin/tool"])];

  itHas("fish")("that starts programs by posix_spawn with file actions asks the launcher: fish", () => {
    const env = { PATH: `${session.outside}:/usr/bin:/bin`, HOME: session.outside };
    const { text } = session.run(["fish", "-c", script], { env });
    expect(text.split("\n").filter((line) => line.startsWith("launcher"))).toEqual([
      launched("@/outside/make", ["make", "x"]),
      launched("@/outside/make", ["make", "y"]),
      launched(".git/hooks/hook", [".git/hooks/hook"]),
      launched("./bin/tool", ["./bin/tool"]),
    ]);
  });

  it.each(["bash", "dash", "zsh"])("is in the session: %s", (shell) => {
    if (!existsSync(`/usr/bin/${shell}`)) return;
    const env = { PATH: `${session.outside}:/usr/bin:/bin`, HOME: session.outside };
    const { text } = session.run([shell, "-c", script], { env });
    expect(text.split("\n").filter((line) => /^(host|launcher)/.test(line))).toEqual(expected());
  });

  it.each(["bash", "dash", "zsh"])("says that a command is missing as ever: %s", (shell) => {
    if (!existsSync(`/usr/bin/${shell}`)) return;
    const { status, text } = session.run([shell, "-c", "nothing-of-that-name"], { cwd: session.repository });
    expect(status).toBe(127);
    expect(text).toMatch(/not found/);
  });

  itHas("zsh")("that tries every folder of PATH is not stopped at the first", () => {
    const env = { PATH: `${session.repository}/sub:${session.repository}/none:${session.outside}:/usr/bin` };
    const { text } = session.run(["/usr/bin/zsh", "-fc", "other"], { env, cwd: session.repository });
    expect(text).toBe("host: other");
  });

  it("keeps the session under env -i, which shows no variable but LD_PRELOAD", () => {
    const clean = session.run(["env", "-i", "/usr/bin/env"]);
    expect(clean).toEqual({ status: 0, text: "LD_PRELOAD=@/run/$LIB/libqpod-before-libasan.so" });
    const { text } = session.run(["env", "-i", "/bin/sh", "-c", `/usr/bin/env -i /bin/sh -c ${at(tool)}`]);
    expect(text).toBe(launched(tool, [tool]));
  });

  it("puts itself back in front of another library", () => {
    const { text } = session.run(["env", "LD_PRELOAD=libm.so.6", "env"]);
    expect(text).toContain("LD_PRELOAD=@/run/$LIB/libqpod-before-libasan.so:libm.so.6");
  });

  it("starts xargs in the session", () => {
    const { text } = session.run(["xargs", "-n1", "-P2", at(tool)], { input: "1\n2\n" });
    expect(text.split("\n").sort()).toEqual([1, 2].map((n) => launched(tool, [tool, `${n}`])).sort());
  });
});

describe("python", () => {
  const python = ["/usr/bin/python3", "/usr/local/bin/python3"].find((path) => existsSync(path)) ?? "python3";
  const run = (code: string) => session.run([python, "-c", code], { cwd: session.repository });

  it("runs subprocess, os.system, os.execvp and os.posix_spawn in the session", () => {
    const calls = [
      `import subprocess; subprocess.run(["bin/tool"])`,
      `import subprocess; subprocess.run(["bin/tool"], close_fds=False)`,
      `import os; os.system("bin/tool")`,
      `import os; os.execvp("bin/tool", ["bin/tool"])`,
      `import os; os.waitpid(os.posix_spawn("bin/tool", ["bin/tool"], os.environ), 0)`,
    ];
    for (const code of calls) expect(run(code).text, code).toBe(launched("bin/tool", ["bin/tool"]));
  });

  it("looks through PATH to the end", () => {
    const code = `import os; os.environ["PATH"]="/a:${session.repository}/sub:${session.outside}"; os.execvp("other", ["other"])`;
    expect(run(code).text).toBe("host: other");
  });
});

describe("the policy", () => {
  const run = (command: string, cwd = session.repository) => session.run(["/bin/sh", "-c", command], { cwd }).text;
  const makeThere = "PATH=@/outside:$PATH; make";

  it.each([
    ["missing", () => rmSync(join(session.base, "policy"))],
    ["empty", () => writeFileSync(join(session.base, "policy"), "")],
    ["garbage", () => writeFileSync(join(session.base, "policy"), "x".repeat(500))],
  ])("that is %s sends everything to the launcher, never to the host", (_, damage) => {
    damage();
    const { text } = session.run([join(session.folder, "caller-glibc"), "execv", "/bin/true"], {});
    // The test's own start is the host's; the exec inside is not.
    expect(text).toBe(launched("/bin/true", ["/bin/true"]));
  });

  it("that others may write to is not believed", () => {
    chmodSync(join(session.base, "policy"), 0o666);
    expect(run("/bin/true; :")).toBe(launched("/bin/true", ["/bin/true"]));
  });

  it.skipIf(process.getuid?.() !== 0)("that belongs to somebody else is not believed", () => {
    chownSync(join(session.base, "policy"), 65534, 65534);
    expect(run("/bin/true; :")).toBe(launched("/bin/true", ["/bin/true"]));
  });

  it("is read anew by a shell that is running", () => {
    session.writePolicy({ trees: [] });
    renameSync(join(session.base, "policy"), join(session.base, "policy.empty"));
    session.writePolicy();
    const move = `mv ${session.base}/policy.empty ${session.base}/policy`;
    expect(run(`${at(tool)}; ${move}; ${at(tool)} 2`)).toBe(`${launched(tool, [tool])}\nhost: tool 2`);
  });

  it("leaves what depends on the branch to the launcher", () => {
    session.writePolicy({ trees: [session.tree(session.repository, ["release/*"])] });
    expect(run("bin/tool")).toBe(launched("bin/tool", ["bin/tool"]));
    expect(run(`${makeThere.replace("@", session.folder)} z`)).toBe(launched("@/outside/make", ["make", "z"]));
    expect(run("ls /dev/null")).toBe("/dev/null");
  });

  it("may be too large to be read whole at each exec", () => {
    const trees = Array.from({ length: 10_000 }, (_, i) => session.tree(`/srv/a/b/repository-${i}`));
    session.writePolicy({ trees: [...trees, session.tree(session.repository)] });
    expect(run("bin/tool; .git/hooks/hook; ls /dev/null").split("\n")).toEqual([
      launched("bin/tool", ["bin/tool"]),
      "host: hook",
      "/dev/null",
    ]);
    expect(run(makeThere.replace("@", session.folder))).toBe(launched("@/outside/make", ["make"]));
    expect(run(makeThere.replace("@", session.folder), session.outside)).toBe("host: make");
    const leak = session.run([join(session.folder, "limits-glibc"), "leak", "50", at("@/outside/other")]);
    expect(leak.text.split("\n").at(-1)).toBe("0 mappings, 0 descriptors, 0 variables more");
  });

  it("keeps qpod's own programs on the host, by whatever link", () => {
    rmSync(join(session.repository, "qpod-link"), { force: true });
    symlinkSync(join(session.home, "bin/qpod"), join(session.repository, "qpod-link"));
    expect(run(`${session.home}/bin/qpod; ./qpod-link`)).toBe("host: qpod\nhost: qpod");
  });

  it("sees a program in the repository behind links", () => {
    rmSync(join(session.outside, "tool-link"), { force: true });
    rmSync(join(session.outside, "folder-link"), { force: true });
    symlinkSync(at(tool), join(session.outside, "tool-link"));
    symlinkSync(join(session.repository, "bin"), join(session.outside, "folder-link"));
    for (const path of ["@/outside/tool-link", "@/outside/folder-link/tool", "@/outside/../repository//bin/./tool"]) {
      expect(run(at(path), session.outside)).toBe(launched(path, [path]));
    }
  });

  it("does not know a new work tree or a moved repository: the launcher finds out", () => {
    session.makeFolder("new");
    session.makeFolder("moved/.git/qpod");
    session.makeFolder("plain/.git");
    writeFileSync(join(session.folder, "new/.git"), "gitdir: /elsewhere\n");
    for (const name of ["new", "moved"]) {
      session.script(`${name}/x/tool`, "echo host: x");
      expect(run("x/tool", join(session.folder, name))).toBe(launched("x/tool", ["x/tool"]));
      rmSync(join(session.outside, "newcomer"), { force: true });
      symlinkSync(join(session.folder, name, "x/tool"), join(session.outside, "newcomer"));
      expect(run("./newcomer", session.outside)).toBe(launched("./newcomer", ["./newcomer"]));
      const make = run(makeThere.replace("@", session.folder), join(session.folder, name, "x"));
      expect(make).toBe(launched("@/outside/make", ["make"]));
    }
    session.script("plain/x/tool", "echo host: x");
    expect(run("x/tool", join(session.folder, "plain"))).toBe("host: x");
  });

  it("does not matter to the launcher and the shims", () => {
    rmSync(join(session.base, "shims/make"), { force: true });
    symlinkSync("../launch", join(session.base, "shims/make"));
    expect(run(`${session.base}/shims/make a`)).toBe(launched("(none)", ["@/run/shims/make", "a"]));
    expect(run(`${session.base}/launch`)).toBe(launched("(none)", ["@/run/launch"]));
  });
});

describe.skipIf(process.getuid?.() !== 0)("leaving the session", () => {
  it("another user is none of it, and is not told of a library that cannot be loaded", () => {
    const { text } = session.run(["setpriv", "--reuid=65534", "--clear-groups", "/bin/sh", "-c", "env; ls /dev/null"]);
    expect(text).not.toContain("LD_PRELOAD");
    expect(text).toContain("/dev/null");
  });

  it("nor is another root folder", () => {
    session.makeFolder("root");
    session.compile("launch.c", join(session.folder, "root/program"), ["-static"]);
    const { text } = session.run(["chroot", join(session.folder, "root"), "/program"]);
    expect(text).toBe(launched("(none)", ["/program"], "(none)"));
  });
});

describe("without the launcher", () => {
  it("the command fails, with the way out", () => {
    const other = new Session();
    try {
      rmSync(join(other.base, "launch"));
      const { status, text } = other.run(["/bin/sh", "-c", `${other.repository}/bin/tool`]);
      expect(status).toBe(127);
      expect(text).toContain("qpod: cannot run @/run/launch\n  This session's files are gone or damaged");
    } finally {
      other.remove();
    }
  });
});
