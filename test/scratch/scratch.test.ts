import { existsSync, lstatSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { copyInstallation, type Installation } from "../support/installation.ts";
import { onlyFor } from "../support/only-for.ts";
import { findSettings, type Outcome, Sandbox } from "../support/sandbox.ts";

// Root and an ordinary user; podman's road differs only in what it can show in the work tree's place.
const settings = findSettings().filter(({ engine, person }) => engine === "embedded" || (engine === "podman" && person.uid !== 0));

interface Change {
  path: string;
  kind: string;
  type: string;
  conflict?: string;
}

describe.each(settings)("a scratch ($title)", (setting) => {
  let installation: Installation;
  let sandbox: Sandbox;
  const engineWay = setting.engine === "embedded" ? "overlay" : "copy";

  beforeAll(async () => {
    installation = copyInstallation();
    sandbox = new Sandbox(setting, installation);
    await sandbox.furnish("");
  });

  afterAll(() => {
    sandbox.remove();
    installation.remove();
  });

  afterEach(() => {
    sandbox.command(["scratch", "drop"]);
    sandbox.must(["find", sandbox.repository, "-mindepth", "1", "-maxdepth", "1", "!", "-name", ".git", "-exec", "rm", "-rf", "{}", "+"]);
  });

  const scratch = (...args: string[]): Outcome => sandbox.command(["scratch", ...args]);
  const must = (...args: string[]): string => {
    const { status, stdout, stderr } = scratch(...args);
    if (status !== 0) throw new Error(`scratch ${args.join(" ")} ended with ${status}: ${stderr}`);
    return stdout;
  };
  const changes = (): Change[] => JSON.parse(must("diff", "--json"));
  const real = (name: string) => join(sandbox.repository, name);
  const furnish = () => {
    sandbox.write("home/src/tool/kept", "kept\n");
    sandbox.write("home/src/tool/edited", "one\ntwo\n");
    sandbox.write("home/src/tool/folder/inner", "inner\n");
    sandbox.write("home/src/tool/folder/more", "more\n");
  };
  const deeds = `echo three >> edited; echo new > added; mkdir deep; echo x > deep/er; ln -s kept link
rm folder/inner; rm -r folder; mkdir -m 700 folder; echo again > folder/more; chmod 600 kept`;
  const done = [
    { path: "added", kind: "added", type: "file" },
    { path: "deep", kind: "added", type: "folder" },
    { path: "deep/er", kind: "added", type: "file" },
    { path: "edited", kind: "changed", type: "file" },
    { path: "folder/inner", kind: "deleted", type: "file" },
    { path: "folder/more", kind: "changed", type: "file" },
    { path: "kept", kind: "changed", type: "file" },
    { path: "link", kind: "added", type: "link" },
  ];

  test.each(["overlay", "copy", "proot"])("leaves the work tree as it is, and says what was changed: by %s", (way) => {
    furnish();
    expect(must("--way", way, "--", "sh", "-c", `${deeds}; cat edited; pwd`)).toBe(`one\ntwo\nthree\n${sandbox.repository}\n`);
    expect(readFileSync(real("edited"), "utf8")).toBe("one\ntwo\n");
    expect(existsSync(real("added"))).toBe(false);
    expect(changes()).toEqual(done);
    expect(must("diff")).toContain("--- a/edited\n+++ b/edited\n@@ -1,2 +1,3 @@\n one\n two\n+three\n");
    expect(must("diff", "--stat")).toContain("A  deep/\nA  deep/er\nM  edited\nD  folder/inner\n");
  });

  test.each(["overlay", "copy"])("is kept as a whole, with permissions and links: by %s", (way) => {
    furnish();
    must("--way", way, "--", "sh", "-c", deeds);
    expect(must("keep")).toBe(`kept 8 changes in ${sandbox.repository}\n`);
    expect(readFileSync(real("edited"), "utf8")).toBe("one\ntwo\nthree\n");
    expect(readFileSync(real("link"), "utf8")).toBe("kept\n");
    expect(lstatSync(real("kept")).mode & 0o777).toBe(0o600);
    expect(existsSync(real("folder/inner"))).toBe(false);
    expect(lstatSync(real("deep/er")).uid).toBe(sandbox.person.uid);
    expect(scratch("diff").stderr).toMatch(/^qpod: there is no scratch of /);
  });

  onlyFor(setting.engine === "embedded" && setting.person.uid === 0)("is shown by proot to a root who may not mount", () => {
    const argv = [
      "setpriv",
      "--bounding-set",
      "-sys_admin",
      "--inh-caps",
      "-sys_admin",
      sandbox.qpod,
      "scratch",
      "--",
      "sh",
      "-c",
      "echo x > new; mkdir in; cd in; ls ../new",
    ];
    expect(sandbox.must(argv)).toBe("../new\n");
    expect(must("list")).toContain(" proot ");
    expect(changes().map(({ path }) => path)).toEqual(["in", "new"]);
  });

  test("goes on where it was, and ends as its command does", () => {
    furnish();
    must("--", "sh", "-c", "echo 1 > added");
    expect(must("--", "cat", "added")).toBe("1\n");
    expect(scratch("--", "sh", "-c", "exit 7").status).toBe(7);
    expect(scratch("--", "no-such-command")).toMatchObject({ status: 127, stderr: "qpod: no-such-command: command not found\n" });
    expect(scratch("--way", "proot", "--", "true").stderr).toMatch(/was begun by overlay\n/);
  });

  test("refuses to be kept over other changes, and touches nothing", () => {
    furnish();
    must("--", "sh", "-c", "echo three >> edited; rm folder/inner; echo mine > added");
    sandbox.write("home/src/tool/edited", "somebody else\n");
    sandbox.write("home/src/tool/folder/inner", "somebody else\n");
    sandbox.write("home/src/tool/added", "somebody else\n");
    const { status, stderr } = scratch("keep");
    expect(status).toBe(125);
    expect(stderr).toMatch(
      /^qpod: not applied, since the real folder has other changes: added \(.*\), edited \(.*\), folder\/inner \(.*\)\n/,
    );
    expect(readFileSync(real("edited"), "utf8")).toBe("somebody else\n");
    expect(changes()).toHaveLength(3);
    expect(must("drop")).toBe(`dropped the scratch of ${sandbox.repository}\n`);
    expect(readFileSync(real("added"), "utf8")).toBe("somebody else\n");
  });

  test("runs the environment's commands in the environment", () => {
    sandbox.write("home/src/tool/Makefile", "all:\n\t@gcc -dumpfullversion > version; cat version; echo x > made\n");
    expect(must("--", "make")).toMatch(/^10\.2\.\d\n$/);
    expect(existsSync(real("made"))).toBe(false);
    expect(changes().map(({ path }) => path)).toEqual(["made", "version"]);
    // On the host the same changes are seen.
    expect(must("--", "cat", "version")).toMatch(/^10\.2\./);
    expect(must("--", "make")).toMatch(/^10\.2\./);
    expect(must("list")).toContain(` ${engineWay} `);
    must("keep");
    expect(existsSync(real("made"))).toBe(true);
    expect(sandbox.pods().filter(({ id }) => id.includes("old"))).toEqual([]);
  });

  test("lets no command slip out of it into the real work tree", async () => {
    sandbox.write("home/src/tool/Makefile", "all:\n\t@echo x > made\n");
    await sandbox.say("make && rm made");
    const { status, stderr } = await sandbox.session("qpod scratch -- sh -c 'env -i PATH=$PATH make'");
    expect([status, stderr]).toEqual([
      125,
      expect.stringMatching(/^qpod: make belongs in an environment, which cannot be entered from a scratch/),
    ]);
    expect(existsSync(real("made"))).toBe(false);
    await sandbox.say("make && rm made");
  });

  test("is told apart from one that still runs", async () => {
    const child = sandbox.start([sandbox.qpod, "scratch", "--", "sh", "-c", "echo ready; read go"]);
    await new Promise((resolve) => child.stdout?.once("data", resolve));
    expect(scratch("keep").stderr).toMatch(
      new RegExp(`^qpod: a command of the scratch of ${sandbox.repository} still runs \\(pid ${child.pid}\\)`),
    );
    const ended = new Promise((resolve) => child.once("close", resolve));
    child.stdin?.end("\n");
    await ended;
    expect(must("keep")).toBe("nothing was changed; the scratch is gone\n");
  });

  test("of the whole system sees and keeps apart what is written anywhere", () => {
    const path = join(sandbox.home, "outside");
    expect(must("--system", "--", "sh", "-c", `echo hidden > ${path}; cat ${path}`)).toBe("hidden\n");
    expect(existsSync(path)).toBe(false);
    // No folder on the way to it counts as changed.
    expect(must("diff", "/", "--stat").match(/^.*qpod-workshop.*$/gm)).toEqual([`A  ${path.slice(1)}`]);
    must("drop", "/");
  });
});
