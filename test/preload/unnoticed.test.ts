import { execFileSync, spawnSync } from "node:child_process";
import { chmodSync, copyFileSync, existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Session } from "./session.ts";

/** Programs that would notice a library which came before their own, or in which there is little room for it. */
let session: Session;
beforeAll(() => {
  session = new Session();
});
afterAll(() => session?.remove());

const own = "@/run/$LIB/libqpod-before-libasan.so";
const at = (path: string) => path.replace("@", session.folder);
const tool = "@/repository/bin/tool";
const launched = (preload = own) => `launcher exec=${tool} argc=1 argv=[${tool}] preload=${preload}`;

const has = (program: string) => spawnSync("which", [program]).status === 0;
const itHas = (program: string) => (has(program) ? it : it.skip);

/** The folder of clang's own runtimes, where it has them as libraries too. */
function clangRuntimes(): string | undefined {
  if (!has("clang")) return undefined;
  const file = execFileSync("clang", [`-print-file-name=libclang_rt.asan-${process.arch === "arm64" ? "aarch64" : "x86_64"}.so`], {
    encoding: "utf8",
  }).trim();
  return existsSync(file) ? dirname(file) : undefined;
}

const runtimes = clangRuntimes();
const sanitized = [
  { how: "gcc, address", compiler: "gcc", flags: ["-fsanitize=address"] },
  { how: "gcc, undefined", compiler: "gcc", flags: ["-fsanitize=undefined"] },
  { how: "gcc, leak", compiler: "gcc", flags: ["-fsanitize=leak"] },
  ...(runtimes
    ? [
        { how: "clang, address, in the program", compiler: "clang", flags: ["-fsanitize=address"] },
        {
          how: "clang, address, as a library",
          compiler: "clang",
          flags: ["-fsanitize=address", "-shared-libasan", `-Wl,-rpath,${runtimes}`],
        },
      ]
    : []),
];

describe.each(sanitized)("a program under a sanitizer ($how)", ({ how, compiler, flags }) => {
  it("starts, is taken to the launcher, and to the host otherwise", () => {
    const caller = session.compile("caller.c", join(session.folder, `caller-${how.replaceAll(/\W+/g, "-")}`), flags, compiler);
    for (const name of ["execve", "execlp", "vfork"]) {
      expect(session.run([caller, name, at(tool)]), name).toEqual({ status: 42, text: launched() });
      expect(session.run([caller, name, at("@/outside/other")]), name).toEqual({ status: 0, text: "host: other" });
    }
    for (const name of ["posix_spawn", "posix_spawnp"]) {
      expect(session.run([caller, name, at(tool)]), name).toEqual({ status: 42, text: `${launched()}\npid given` });
    }
    expect(session.run([caller, "system", at(tool)])).toEqual({ status: 42, text: launched() });
  });
});

describe.each(sanitized.filter(({ how }) => how.includes("address")))("AddressSanitizer ($how)", ({ how, compiler, flags }) => {
  it("still reports what it is there to find", () => {
    const program = session.compile("overflow.c", join(session.folder, `overflow-${how.replaceAll(/\W+/g, "-")}`), flags, compiler);
    const { status, text } = session.run([program]);
    expect(status).toBe(1);
    expect(text).toContain("AddressSanitizer: heap-buffer-overflow");
  });
});

describe("a program with libraries of its own to be preloaded", () => {
  const library = "libjemalloc.so.2";

  it("keeps their order behind ours: libc's own", () => {
    const { text } = session.run(["env", "LD_PRELOAD=libm.so.6 libdl.so.2", "sh", "-c", at(tool)]);
    expect(text).toBe(launched(`${own}:libm.so.6 libdl.so.2`));
  });

  it("keeps their order where ours is among them", () => {
    const list = `libm.so.6:${session.preload}:libdl.so.2`;
    expect(session.run(["env", `LD_PRELOAD=${list}`, "sh", "-c", at(tool)]).text).toBe(launched(`libm.so.6:${own}:libdl.so.2`));
  });

  it.skipIf(!existsSync("/usr/lib/x86_64-linux-gnu/libjemalloc.so.2"))("has its allocator: jemalloc", () => {
    const { text } = session.run(["env", `LD_PRELOAD=${library}`, "cat", "/proc/self/maps"]);
    expect(text).toContain(`/${library}`);
    expect(text).toContain("/libqpod.so");
    expect(session.run(["env", `LD_PRELOAD=${library}`, "sh", "-c", at(tool)]).text).toBe(launched(`${own}:${library}`));
  });

  itHas("fakeroot")("is root by fakeroot, and redirected as ever", () => {
    const { status, text } = session.run(["fakeroot", "sh", "-c", `id -u; ${at(tool)}`]);
    expect(status).toBe(42);
    expect(text).toMatch(/^0\n/);
    expect(text.split("\n")[1]).toMatch(
      /^launcher exec=\S+ argc=1 argv=\S+ preload=libfakeroot-sysv\.so:@\/run\/\$LIB\/libqpod-before-libasan\.so$/,
    );
  });

  itHas("faketime")("has its time by libfaketime, and is redirected as ever", () => {
    const { status, text } = session.run(["faketime", "2001-02-03 04:05:06", "sh", "-c", `date +%Y; ${at(tool)}`]);
    expect(status).toBe(42);
    expect(text).toMatch(/^2001\nlauncher exec=@\/repository\/bin\/tool .*preload=.*libqpod-before-libasan\.so/);
    expect(text).toMatch(/preload=.*libfaketime/);
  });
});

describe("a program of many libraries", () => {
  it("finds libc's functions behind all of them", () => {
    const libraries = Array.from({ length: 20 }, (_, i) => join(session.folder, `lib${i}.so`));
    // Without a table that rules a name out at once, each of them has to be looked into.
    const first = session.compile("nothing.c", join(session.folder, "lib.so"), ["-shared", "-fPIC", "-Wl,--hash-style=sysv"]);
    for (const path of libraries) copyFileSync(first, path);
    const caller = session.compile("caller.c", join(session.folder, "caller-many"), ["-Wl,--no-as-needed", ...libraries]);
    expect(session.run([caller, "execv", at("@/outside/other"), "a"])).toEqual({ status: 0, text: "host: other a" });
    expect(session.run([caller, "posix_spawn", at(tool)])).toEqual({ status: 42, text: `${launched()}\npid given` });
  });
});

describe("a program of many threads", () => {
  it("may spawn from all of them at once, with little stack", () => {
    const threads = session.compile("threads.c", join(session.folder, "threads"), ["-pthread"]);
    const count = (text: string) => text.split("\n").filter((line) => line === launched()).length;
    const small = String(32 * 1024);
    const redirected = session.run([threads, "16", "9", small, at(tool)]);
    expect([redirected.status, count(redirected.text), redirected.text.split("\n").at(-1)]).toEqual([0, 144, "144 of 144"]);
    expect(session.run([threads, "16", "9", small, "/bin/sh", "-c", "exit 42"])).toEqual({ status: 0, text: "144 of 144" });
  });
});

describe.skipIf(process.getuid?.() !== 0)("a set-uid program", () => {
  it("starts without the library and without complaint, and what it starts is the host's", (context) => {
    const program = session.compile("caller.c", join(session.folder, "caller-suid"));
    chmodSync(session.folder, 0o755);
    chmodSync(join(session.base, "policy"), 0o644);
    const user = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"] as const;
    const run = (...words: string[]) => session.run([...user, "env", `LD_PRELOAD=${session.preload}`, program, ...words]);
    expect(run("execv", at(tool)).text).toBe(launched());
    chmodSync(program, 0o4755);
    const becomesRoot = session.run([...user, program, "execlp", "/usr/bin/id", "-u"], { env: { LD_PRELOAD: "" } }).text === "0";
    context.skip(!becomesRoot, "this system lets no program become root by its set-uid bit");
    expect(run("execlp", "/usr/bin/id", "-u").text).toBe("0");
    expect(run("execv", at(tool))).toEqual({ status: 0, text: "host: tool" });
    expect(run("execv", "/usr/bin/env").text).not.toContain("LD_PRELOAD");
  });
});
