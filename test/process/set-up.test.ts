import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { type Command, command } from "../../src/process/index.ts";
import { findPeople, runAs } from "../support/person.ts";
import { bundleForAll } from "./bundle.ts";
import { eachWay, failureOf, isRoot, makeFolder } from "./ways.ts";

const folder = makeFolder();
const statusOf = async (one: Command) => {
  const lines = (await one.run()).stdout.split("\n").map((line) => line.split(/:\s*/));
  return Object.fromEntries(lines.map(([name, value = ""]) => [name, value.replaceAll(/\s+/g, " ").trim()])) as Record<string, string>;
};

eachWay("what is set up before the program", (way) => {
  const sh = (script: string) => command("sh", ["-c", script]).way(way);
  const status = () => command("cat", ["/proc/self/status"]).way(way);

  test("cwd and umask (002 is visible in a created file's mode)", async () => {
    const place = join(folder, `made-${way}`);
    mkdirSync(place);
    expect((await sh("pwd; : > made").cwd(place).umask(0o002).run()).stdout).toBe(`${place}\n`);
    expect(statSync(join(place, "made")).mode & 0o777).toBe(0o664);
  });

  test("follows this process's folder and umask as they are now", async () => {
    const before = [process.cwd(), process.umask(0o077)] as const;
    try {
      process.chdir(folder);
      expect((await sh("pwd; umask").run()).stdout).toBe(`${folder}\n0077\n`);
    } finally {
      process.chdir(before[0]);
      process.umask(before[1]);
    }
  });

  test("a bad cwd is reported as the cwd, not as the program", async () => {
    const error = await failureOf(sh("true").cwd("/none/where").run());
    expect([error.kind, error.step, error.argument, error.code]).toEqual([
      "set-up",
      "change to the working directory",
      "/none/where",
      "ENOENT",
    ]);
    expect((await failureOf(sh("true").cwd("/dev/null").status())).code).toBe("ENOTDIR");
  });

  test("an error inside the set-up (before exec) reaches the parent whole: which step, which errno", async () => {
    const error = await failureOf(sh("true").setUp({ write: "/proc/self/oom_score_adj", text: "no number" }).run());
    expect([error.kind, error.step, error.argument, error.code]).toEqual(["set-up", "write", "/proc/self/oom_score_adj", "EINVAL"]);
    expect(error.message).toBe("cannot write /proc/self/oom_score_adj: EINVAL: sh -c true");
  });

  test("each limit: files, processes, core, memlock, cpu, address space", async () => {
    const limits = { files: 99, processes: 5000, core: 0, memlock: 8192, cpu: 77, addressSpace: 2 ** 40 };
    const text = (await command("cat", ["/proc/self/limits"]).way(way).limit(limits).run()).stdout;
    const read = (name: string) =>
      text
        .match(new RegExp(`^Max ${name} +(\\S+) +(\\S+)`, "m"))
        ?.slice(1)
        .map(Number);
    const names = ["open files", "processes", "core file size", "locked memory", "cpu time", "address space"];
    expect(names.map(read)).toEqual(Object.values(limits).map((limit) => [limit, limit]));
  });

  test("an impossible limit fails before exec, naming it", async () => {
    const error = await failureOf(
      sh(`: > ${folder}/never`)
        .limit({ files: 2 ** 40 })
        .run(),
    );
    expect([error.kind, error.step, error.argument, error.code]).toEqual(["set-up", "set the limit on", "files", "EPERM"]);
    expect(() => statSync(join(folder, "never"))).toThrow();
  });

  test("nice and OOM score", async () => {
    const one = sh("nice; cat /proc/self/oom_score_adj").nice(7).oomScore(321);
    expect((await one.run()).stdout).toBe("7\n321\n");
  });

  test("declared steps: a session, a group, ignored signals, no new privileges, what the kernel is written", async () => {
    const one = status().setUp(
      "new-session",
      "no-new-privileges",
      { ignoreSignal: "SIGUSR1" },
      { write: "/proc/self/comm", text: "before" },
    );
    const facts = await statusOf(one);
    expect([facts.NoNewPrivs, facts.NSsid?.split(" ").at(-1) === facts.NSpid?.split(" ").at(-1)]).toEqual(["1", true]);
    expect(BigInt(`0x${facts.SigIgn}`) & 0x200n).toBe(0x200n);
    const group = await statusOf(status().setUp("new-group"));
    expect(group.NSpgid).toBe(group.NSpid);
    expect(
      (
        await failureOf(
          sh("true")
            .setUp("new-sesion" as never)
            .run(),
        )
      ).message,
    ).toContain("there is no set-up step");
  });

  test("signals are as a program expects them", async () => {
    const facts = await statusOf(status());
    expect([facts.SigBlk, facts.SigIgn, facts.SigCgt]).toEqual(Array(3).fill("0".repeat(16)));
  });

  test("AppArmor and SELinux labels are refused with a clear error where the kernel has none", async (context) => {
    const has = (path: string, value: string) => {
      try {
        return readFileSync(path, "utf8").startsWith(value);
      } catch {
        return false;
      }
    };
    if (has("/sys/module/apparmor/parameters/enabled", "Y") || has("/sys/fs/selinux/enforce", "")) context.skip("this kernel has labels");
    const apparmor = await failureOf(sh("true").appArmor("profile").run());
    expect(apparmor.message).toBe(
      "cannot set the AppArmor profile profile: not supported here (ENOTSUP); This kernel has no AppArmor.: sh -c true",
    );
    expect((await failureOf(sh("true").selinux("a:b:c").run())).step).toBe("set the SELinux label");
  });

  test("capabilities cleared then one allowed (checked in /proc/self/status)", async (context) => {
    if (!isRoot) context.skip("only root has capabilities");
    const none = await statusOf(status().clearCapabilities());
    const [zero, chown] = ["0".repeat(16), "0000000000000001"];
    expect([none.CapEff, none.CapPrm, none.CapBnd]).toEqual([zero, zero, zero]);
    const one = await statusOf(status().clearCapabilities().allowCapability("CAP_CHOWN"));
    expect([one.CapEff, one.CapPrm, one.CapBnd]).toEqual([chown, chown, chown]);
    const user = await statusOf(status().uid(12345).gid(12346).groups("none").clearCapabilities().allowCapability("chown"));
    expect([user.Uid, user.CapEff, user.CapBnd]).toEqual([Array(4).fill("12345").join(" "), chown, chown]);
  });

  test("an ordinary user's capabilities are cleared for good", async () => {
    const one = status().clearCapabilities();
    const facts = await statusOf(isRoot ? one.uid(12345).gid(12345).groups("none") : one);
    expect(facts.CapEff).toBe("0".repeat(16));
    expect(facts.CapBnd === "0".repeat(16) || facts.NoNewPrivs === "1").toBe(true);
  });

  test("uid, gid, supplementary groups (init, none, a list)", async (context) => {
    if (!isRoot) {
      const error = await failureOf(sh("true").uid(0).run());
      expect([error.kind, error.step, error.argument, error.code]).toEqual(["set-up", "become user", "0", "EPERM"]);
      context.skip("only root may become others");
    }
    const four = (id: number) => Array(4).fill(id).join(" ");
    const list = await statusOf(status().uid(1234).gid(2345).groups([7, 9]));
    expect([list.Uid, list.Gid, list.Groups]).toEqual([four(1234), four(2345), "7 9"]);
    expect((await statusOf(status().uid("nobody").groups("none"))).Groups).toBe("");
    const init = await statusOf(status().uid("daemon").gid("daemon").groups("init"));
    expect([init.Uid, init.Gid, init.Groups]).toEqual([four(1), four(1), "1"]);
    expect((await failureOf(sh("true").uid("nobody-at-all").run())).message).toContain("there is no user nobody-at-all");
  });

  test("the pidfile is readable, whole, before the program begins", async () => {
    const file = join(folder, `pid-${way}`);
    expect((await sh(`cat ${file}; echo $$`).pidfile(file).run()).stdout).toMatch(/^(\d+)\n\1\n$/);
    expect((await failureOf(sh("true").pidfile("/none/pid").run())).step).toBe("write the pidfile");
  });
});

const caller = `import { command } from "./src/process/index.ts";
const print = () => command("/bin/sh", ["-c", 'echo "\${LD_LIBRARY_PATH-unset} \${PATH-unset} \${ASKED-unset} \${PLAIN-unset}"']);
const asked = () => print().envPass("LD_LIBRARY_PATH", "PATH", "PLAIN").envPassSafe("ASKED", "default");
const say = async (one) => process.stdout.write((await one.run()).stdout);
await say(asked());
process.seteuid(12345);
await say(asked());
await say(print());
await say(print().envPass("PLAIN", "LD_LIBRARY_PATH").envPassSafe("PATH", "/safe").envPassSafe("ASKED"));
`;

describe("set-uid callers", () => {
  test("variables that are unsafe (PATH, LD_*) are blocked or replaced by the given default", async (context) => {
    if (!isRoot) context.skip("only root can be two users at once");
    const script = await bundleForAll("set-uid", caller);
    const env = { LD_LIBRARY_PATH: "/evil", PATH: "/usr/bin:/bin:/evil", ASKED: "evil", PLAIN: "fine" };
    const { stdout, stderr } = spawnSync(process.execPath, [script], { env, encoding: "utf8", cwd: "/" });
    expect([stdout.split("\n"), stderr]).toEqual([
      [
        "/evil /usr/bin:/bin:/evil evil fine",
        "unset /usr/bin:/bin default fine",
        "unset /usr/bin:/bin evil fine",
        "unset /safe unset fine",
        "",
      ],
      "",
    ]);
  });
});

const ordinary = `import { command } from "./src/process/index.ts";
for (const way of ["resident", "one-shot"]) {
  const sh = (script) => command("sh", ["-c", script]).way(way);
  const failure = (one) => one.run().then(() => "none", ({ kind, step, code }) => [kind, step, code].join());
  const child = await sh("cat; id -u").stdin("pipe").stdout("pipe").start();
  child.stdin.end("given ");
  let text = "";
  for await (const chunk of child.stdout) text += chunk;
  console.log(text.trim(), await failure(sh("true").uid(0)), await failure(sh("true").nice(-5)), await failure(sh("true").groups([0])));
}`;

test("an ordinary user starts programs too, and is told what they may not", async (context) => {
  const person = findPeople().find(({ uid }) => uid !== 0);
  if (!person) return context.skip("there is no ordinary user");
  const script = await bundleForAll("ordinary", ordinary);
  const { stdout, stderr } = runAs(person, [process.execPath, script], { cwd: "/", env: { PATH: "/usr/bin:/bin" } });
  const line = `given ${person.uid} set-up,become user,EPERM set-up,set the nice value,EACCES set-up,set the supplementary groups,EPERM`;
  expect([stdout, stderr]).toEqual([`${line}\n${line}\n`, ""]);
});
