import { spawnSync } from "node:child_process";
import { chownSync, copyFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { readGdbVersion } from "../../src/debug/gdb-dap.ts";
import { readStartTime } from "../../src/launch/first-process.ts";
import { furnishedSandbox } from "../support/furnished.ts";
import { youngRootfs } from "../support/rootfs.ts";
import { ordinarySettings, type Setting } from "../support/sandbox.ts";
import { waitUntil } from "../support/wait-until.ts";
import { DapClient } from "./dap-client.ts";

const [setting] = ordinarySettings().filter(({ engine }) => engine === "embedded") as [Setting];
const isGone = (pid: number) => readStartTime(pid) === undefined;

describe(`qpod debug --dap (${setting.title})`, () => {
  const sandbox = furnishedSandbox(setting);
  const inRepository = (name: string) => join(sandbox().repository, name);

  beforeAll(async () => {
    const young = `rootfs: ${await youngRootfs()}\nengine: embedded\n`;
    sandbox().write("home/.config/qpod/environments/young.yaml", young);
    sandbox().write("home/.config/qpod/environments/fixed.yaml", `${young}path: /qpod\n`);
    sandbox().write("home/.config/qpod/environments/bare.yaml", "host: true\nengine: embedded\nvariables: { set: { PATH: /nowhere } }\n");
    copyFileSync(join(import.meta.dirname, "fixtures/lookup.c"), inRepository("lookup.c"));
    chownSync(inRepository("lookup.c"), setting.person.uid, setting.person.gid);
    // By the older distribution: what it makes runs in both.
    sandbox().must([sandbox().qpod, "run", "cc", "-g", "-O0", "-o", "lookup", "lookup.c"]);
    sandbox().must([sandbox().qpod, "run", "sh", "-c", 'cc -g -O0 -ffile-prefix-map="$PWD"=/qpod -o relocated "$PWD/lookup.c"']);
  });

  const open = (environment = "young") => new DapClient(sandbox().start([sandbox().qpod, "debug", "--env", environment, "--dap"]));

  /** As editors do it: what is launched begins when it is told that all is set. */
  async function launch(client: DapClient, how: object, prepare = async () => {}): Promise<void> {
    await client.ask("initialize", { adapterID: "gdb", linesStartAt1: true, columnsStartAt1: true });
    const launched = client.ask("launch", how);
    await client.event("initialized");
    await prepare();
    await client.ask("configurationDone");
    await launched;
  }

  const breakAt = (client: DapClient, path: string, line: number) => () =>
    client.ask("setBreakpoints", { source: { path }, breakpoints: [{ line }] });

  test("takes an editor from the launch over a breakpoint to the program's end", async () => {
    const client = open();
    await launch(client, { program: inRepository("lookup"), args: ["::nowhere"] }, breakAt(client, inRepository("lookup.c"), 10));
    const { reason, threadId } = await client.event("stopped");
    expect(reason).toBe("breakpoint");

    const { stackFrames } = await client.ask("stackTrace", { threadId });
    const source = expect.objectContaining({ path: inRepository("lookup.c") });
    expect(stackFrames).toMatchObject([
      { name: "add", line: 10, source },
      { name: "main", line: 29, source },
    ]);

    const { scopes } = await client.ask("scopes", { frameId: stackFrames[0].id });
    const variables: Record<string, object[]> = {};
    for (const { name, variablesReference } of scopes) {
      if (name === "Registers") continue;
      variables[name] = (await client.ask("variables", { variablesReference })).variables;
    }
    expect(variables).toMatchObject({
      Arguments: [
        { name: "a", value: "2" },
        { name: "b", value: "3" },
      ],
      Locals: [{ name: "sum", value: "5" }],
    });

    await client.ask("continue", { threadId });
    await client.event("output", ({ output }) => /^::nowhere: /.test(output));
    expect(await client.event("exited")).toMatchObject({ exitCode: 1 });
    await client.event("terminated");
    await client.ask("disconnect");
    expect(await client.closed).toEqual({ status: 0, errors: "" });
  });

  test("shows what was built under a fixed path by the paths that the editor has", async () => {
    const client = open("fixed");
    await launch(client, { program: inRepository("relocated") }, breakAt(client, inRepository("lookup.c"), 9));
    const { threadId } = await client.event("stopped", ({ reason }) => reason === "breakpoint");
    const { stackFrames } = await client.ask("stackTrace", { threadId });
    expect(stackFrames[0]).toMatchObject({ name: "add", source: { path: inRepository("lookup.c") } });
    await client.ask("disconnect", { terminateDebuggee: true });
    expect(await client.closed).toMatchObject({ status: 0 });
  });

  const goings: [string, (client: DapClient) => void][] = [
    ["its editor has crashed", (client) => client.hangUp()],
    ["it is killed itself", (client) => client.adapter.kill("SIGKILL")],
  ];

  test.each(goings)("leaves nothing running when %s", async (_, go) => {
    const stopped = { program: inRepository("lookup"), stopAtBeginningOfMainSubprogram: true };
    const running = { program: "/bin/sh", args: ["-c", "echo begun; exec sleep 1000"] };
    for (const how of [stopped, running]) {
      const client = open();
      await launch(client, how);
      const { systemProcessId } = await client.event("process");
      // Until then gdb has not told the kernel to end the program with it.
      if (how === stopped) await client.event("stopped");
      else await client.event("output", ({ output }) => output.includes("begun"));
      expect(isGone(systemProcessId)).toBe(false);
      go(client);
      // gdb has the client's pipes as well.
      await client.closed;
      expect(waitUntil(() => isGone(systemProcessId))).toBe(true);
    }
    expect(
      sandbox()
        .pods()
        .flatMap(({ commands }) => commands),
    ).toEqual([]);
  });

  const refused = (args: string[]) => sandbox().command(["debug", "--dap", ...args]);

  test("names the version of a gdb that has no such protocol, and what can be done with it", () => {
    expect(refused([])).toEqual({
      status: 125,
      stdout: "",
      stderr: expect.stringMatching(
        /^qpod: gdb 10\.\S+ does not know the debug adapter protocol\n {2}It needs gdb 14 or newer; `qpod debug SCRIPT` works with this one\.\n$/,
      ),
    });
  });

  test("says the same of the host's", ({ skip }) => {
    const { major, text } = readGdbVersion(spawnSync("gdb", ["--version"], { encoding: "utf8" }).stdout) ?? { major: 0, text: "" };
    if (major >= 14) skip(`the host's gdb is ${text}, which has the protocol`);
    const { status, stdout, stderr } = refused(["--host"]);
    expect({ status, stdout }).toEqual({ status: 125, stdout: "" });
    expect(stderr).toContain(`qpod: gdb ${text} does not know the debug adapter protocol\n`);
  });

  test("says that there is no gdb", () => {
    expect(refused(["--env", "bare"])).toEqual({
      status: 125,
      stdout: "",
      stderr: expect.stringMatching(/^qpod: gdb: not found in the environment .*\n {2}Install it there .*\n$/),
    });
  });
});
