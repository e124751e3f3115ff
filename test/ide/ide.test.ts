import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { copyInstallation, type Installation } from "../support/installation.ts";
import { findPeople } from "../support/person.ts";
import { testRootfs } from "../support/rootfs.ts";
import { type EngineName, Sandbox } from "../support/sandbox.ts";
import { hasPodman } from "../support/sandbox-podman.ts";
import { Client, LanguageClient } from "./client.ts";
import { buildProject, mainText } from "./project.ts";

const hasClangd = spawnSync("clangd", ["--version"]).status === 0;
const ordinary = findPeople().at(-1) as ReturnType<typeof findPeople>[number];
let installation: Installation;

beforeAll(() => {
  installation = copyInstallation();
});
afterAll(() => installation.remove());

function isGone(pid: number): boolean {
  try {
    process.kill(pid, 0);
    // A zombie has ended too.
    return / Z /.test(readFileSync(`/proc/${pid}/stat`, "latin1").replace(/^.*\)/s, ""));
  } catch {
    return true;
  }
}

/** The end of a process that is nobody's child here. */
async function untilGone(pid: number): Promise<void> {
  for (let i = 0; i < 3000 && !isGone(pid); i++) await new Promise((resolve) => setTimeout(resolve, 10));
  expect(isGone(pid), `process ${pid} has ended`).toBe(true);
}

/** Definitions of the first file's first use of a name, as editors ask for them. */
async function findDefinition(client: LanguageClient, file: string, text: string, name: string) {
  const uri = pathToFileURL(file).href;
  client.notify("textDocument/didOpen", { textDocument: { uri, languageId: "c", version: 1, text } });
  const line = text.split("\n").findIndex((one) => one.includes(name));
  const character = text.split("\n")[line]?.indexOf(name) ?? 0;
  return (await client.request("textDocument/definition", { textDocument: { uri }, position: { line, character } })) as { uri: string }[];
}

async function initialize(client: LanguageClient, root: string): Promise<void> {
  await client.request("initialize", { processId: process.pid, rootUri: pathToFileURL(root).href, capabilities: {} });
  client.notify("initialized", {});
}

describe(`an editor and an environment that builds under a fixed path (embedded, as ${ordinary.name})`, () => {
  let sandbox: Sandbox;
  let folder: string;

  beforeAll(() => {
    sandbox = new Sandbox({ engine: "embedded", person: ordinary, title: "" }, installation);
    // The host's own root has the host's clangd and gdb.
    sandbox.write("home/.config/qpod/environments/now.yaml", "host: true\nengine: embedded\npath: /qpod\n");
    sandbox.makeRepository();
    sandbox.must([sandbox.qpod, "init", "now"]);
    buildProject(sandbox);
    folder = JSON.parse(sandbox.must([sandbox.qpod, "ide", "--write", "--json"])).folder;
  }, 120_000);
  afterAll(() => sandbox?.remove());

  const program = (name: string, args: string[] = []) => sandbox.start([join(folder, name), ...args], { cwd: sandbox.home });

  test("share a compilation database whose paths are the host's", () => {
    const built = JSON.parse(readFileSync(join(sandbox.repository, "compile_commands.json"), "utf8"));
    expect(built[0]).toMatchObject({ directory: "/qpod", file: "/qpod/main.c" });
    const translated = JSON.parse(readFileSync(join(folder, "compile_commands.json"), "utf8"));
    expect(translated[0]).toEqual({
      directory: sandbox.repository,
      file: `${sandbox.repository}/main.c`,
      arguments: ["gcc", "-g", `-I${sandbox.repository}`, "-c", `${sandbox.repository}/main.c`],
    });
  });

  test("are printed as they would be written", () => {
    expect(sandbox.command(["ide"]).stdout).toContain(`# ${join(folder, "gdb")}\n${readFileSync(join(folder, "gdb"), "utf8")}`);
  });

  test("leave nothing that git sees, and nothing of the user's changed", () => {
    const { repository } = sandbox;
    const settings = join(repository, ".vscode/settings.json");
    expect(sandbox.must(["git", "status", "--porcelain", "--", ".vscode"])).toBe("");
    expect(JSON.parse(readFileSync(settings, "utf8"))).toMatchObject({ "clangd.path": join(folder, "clangd") });
    sandbox.write("home/src/tool/.vscode/settings.json", '{\n  // mine\n  "clangd.path": "/mine"\n}\n');
    const { status, stdout } = sandbox.command(["ide", "--write"]);
    expect([status, stdout]).toEqual([0, expect.stringContaining("left as you have it: clangd.path")]);
    expect(readFileSync(settings, "utf8")).toMatch(/^\{\n {2}\/\/ mine\n {2}"clangd.path": "\/mine",/);
    sandbox.must(["git", "add", "--force", ".vscode/launch.json"]);
    expect(sandbox.command(["ide", "--write"]).stdout).toContain("Not written, since it is committed");
    sandbox.must(["git", "rm", "--quiet", "--cached", ".vscode/launch.json"]);
  });

  test.skipIf(!hasClangd)("find a definition by clangd, of which nothing is left when it is killed", async () => {
    const client = new LanguageClient(program("clangd"));
    await initialize(client, sandbox.repository);
    const file = (name: string) => pathToFileURL(join(sandbox.repository, name)).href;
    // In the header until the index knows more.
    const [definition] = await findDefinition(client, join(sandbox.repository, "main.c"), mainText, "twice(21)");
    expect([file("util.h"), file("util.c")]).toContain(definition?.uri);
    const [header] = await findDefinition(client, join(sandbox.repository, "main.c"), mainText, "puts(");
    expect(header?.uri).toMatch(/^file:\/\/\/usr\/include\/.*stdio/);
    const commands = sandbox.pods().flatMap((pod) => pod.commands);
    expect(commands.map(({ pid }) => pid)).toEqual([client.child.pid]);
    client.child.kill("SIGKILL");
    await client.ended;
    expect(sandbox.pods().flatMap((pod) => pod.commands)).toEqual([]);
  });

  test("stop at a breakpoint by gdb, of which nothing is left when it is killed", async () => {
    const client = new Client(program("gdb", ["--interpreter=mi2", "-nx", join(sandbox.repository, "program")]));
    const source = join(sandbox.repository, "util.c");
    client.write(`1-break-insert ${source}:5\n`);
    const [, , full] = await client.await(/1\^done,bkpt=\{.*file="([^"]*)",fullname="([^"]*)"/);
    expect(full).toBe(source);
    client.write("2-exec-run\n");
    const [, pid] = await client.await(/=thread-group-started,id="i1",pid="(\d+)"/);
    const [, stopped] = await client.await(/\*stopped,reason="breakpoint-hit".*fullname="([^"]*)",line="5"/);
    expect(stopped).toBe(source);
    client.write('3-data-evaluate-expression "number * 2"\n');
    await client.await(/3\^done,value="42"/);
    client.child.kill("SIGKILL");
    await client.ended;
    await untilGone(Number(pid));
    expect(sandbox.pods().flatMap((pod) => pod.commands)).toEqual([]);
  });
});

describe(`an editor and an environment without clangd (embedded, as ${ordinary.name})`, () => {
  test.skipIf(!hasClangd)("use the host's clangd, which sees the environment's headers", async () => {
    const sandbox = new Sandbox({ engine: "embedded", person: ordinary, title: "" }, installation);
    try {
      await sandbox.furnish("path: /qpod\n");
      const tree = await testRootfs();
      buildProject(sandbox);
      const { folder, gaps } = JSON.parse(sandbox.must([sandbox.qpod, "ide", "--write", "--json"]));
      expect(gaps.join()).toContain("The environment has no clangd");
      const client = new LanguageClient(sandbox.start([join(folder, "clangd")]));
      await initialize(client, sandbox.repository);
      const [header] = await findDefinition(client, join(sandbox.repository, "main.c"), mainText, "puts(");
      expect(header?.uri).toBe(pathToFileURL(join(tree, "usr/include/stdio.h")).href);
      client.child.kill("SIGKILL");
      await client.ended;
    } finally {
      sandbox.remove();
    }
  });
});

const settings: { engine: EngineName; person: typeof ordinary }[] = [
  ...findPeople().map((person) => ({ engine: "embedded" as const, person })),
  ...(hasPodman() ? [{ engine: "podman" as const, person: ordinary }] : []),
];

describe.each(settings.map((one) => ({ ...one, title: `${one.engine}, as ${one.person.name}` })))(
  "a process of the environment ($title)",
  ({ engine, person, title }) => {
    let sandbox: Sandbox;
    let folder: string;
    let waiting: Client;

    beforeAll(async () => {
      sandbox = new Sandbox({ engine, person, title }, installation);
      await sandbox.furnish("path: /qpod\n");
      buildProject(sandbox);
      folder = JSON.parse(sandbox.must([sandbox.qpod, "ide", "--write", "--json"])).folder;
      waiting = new Client(sandbox.start([sandbox.qpod, "run", "./program", "wait"]));
      await waiting.await(/waiting/);
    }, 300_000);
    afterAll(async () => {
      waiting?.child.kill("SIGKILL");
      await waiting?.ended;
      sandbox?.remove();
    });

    test("can be attached to by the host's gdb, which shows the host's paths", () => {
      const { status, stdout, stderr } = sandbox.run([
        join(folder, "gdb-attach"),
        String(waiting.child.pid),
        "-nx",
        "-batch",
        "-ex",
        "bt",
        "-ex",
        "info source",
      ]);
      expect(stdout, stderr).toMatch(/main \(argc=2, argv=0x\w+\) at main\.c|main \(argc=2, argv=0x\w+\) at .*\/main\.c/);
      expect(status).toBe(0);
    });

    test("can be attached to by the host's strace", async () => {
      const strace = new Client(sandbox.start(["sh", "-c", 'exec strace -p "$0" 2>&1', String(waiting.child.pid)]));
      await strace.await(/pause\(/);
      strace.child.kill("SIGTERM");
      await strace.ended;
      expect(existsSync(`/proc/${waiting.child.pid}`)).toBe(true);
    });
  },
);
