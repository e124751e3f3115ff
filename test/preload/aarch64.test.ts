import { execFileSync, spawnSync } from "node:child_process";
import { copyFileSync, existsSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { SESSION_LIBRARY } from "../../src/launch/layout.ts";
import { Session } from "./session.ts";

/** Where Debian's packages put the libc for it. */
const sysroot = "/usr/aarch64-linux-gnu";
const flags = ["--target=aarch64-linux-gnu", "-fuse-ld=lld", `-isystem${sysroot}/include`, `-L${sysroot}/lib`];
const has = (program: string) => spawnSync(program, ["--version"]).status === 0;
const emulator = ["qemu-aarch64", "qemu-aarch64-static"].find(has);
const able = emulator !== undefined && has("clang") && has("ld.lld") && existsSync(`${sysroot}/include`);

if (!able) it.skip(`interception on aarch64: needs clang, lld, libc for it, and qemu-aarch64`);

/** The emulator hands exec to the kernel, so what is started is this machine's: the stand-in for the launcher, and scripts. */
describe.runIf(able)("a program for aarch64, emulated", () => {
  let session: Session;
  let caller: string;

  beforeAll(() => {
    session = new Session();
    execFileSync("make", ["-s", "build/aarch64/libqpod.so"]);
    session.makeFolder("run/lib-aarch64");
    copyFileSync("build/aarch64/libqpod.so", join(session.base, "lib-aarch64", SESSION_LIBRARY));
    caller = session.compile("caller.c", join(session.folder, "caller-aarch64"), flags, "clang");
  }, 60_000);
  afterAll(() => session?.remove());

  const call = (name: string, path: string) => {
    const preload = `LD_PRELOAD=${join(session.base, "lib-aarch64", SESSION_LIBRARY)}`;
    const words = ["-L", sysroot, "-E", preload, caller, name, join(session.folder, path), "a", "b"];
    const { status, text } = session.run([emulator ?? "", ...words], { env: { LD_PRELOAD: "" } });
    // This machine's own programs cannot load what the emulated one hands on.
    return { status, text: text.replace(/\nERROR: ld\.so: object .* ignored\.$/, "") };
  };
  const launched = "launcher exec=@/repository/bin/tool argc=3 argv=[@/repository/bin/tool][a][b]";

  it.each(["execv", "execve", "execvp", "execvpe", "execl", "execlp", "fexecve", "vfork"])(
    "is taken to the launcher by %s of a program in the repository, and to the host otherwise",
    (name) => {
      expect(call(name, "repository/bin/tool")).toEqual({ status: 42, text: expect.stringContaining(launched) });
      expect(call(name, "outside/other")).toEqual({ status: 0, text: "host: other a b" });
    },
  );

  it.each(["posix_spawn", "posix_spawnp"])("is taken to the launcher by %s, which gives the pid", (name) => {
    expect(call(name, "repository/bin/tool")).toEqual({
      status: 42,
      text: expect.stringMatching(/^launcher exec=@\/repository\/bin\/tool .*\npid given$/),
    });
    expect(call(name, "outside/other")).toEqual({ status: 0, text: "host: other a b\npid given" });
  });
});
