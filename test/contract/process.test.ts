import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { everywhere } from "./everywhere.ts";

/** What is asked of a command must be answered alike on the host and in an environment, whoever starts it. */
const compare = (library: string) => `import { command, environment } from ${JSON.stringify(library)};

const old = environment();
const words = 'for word; do printf "[%s]" "$word"; done';
const cases = {
  words: (one) => one("sh", "-c", words, "sh", "", "a b", "\\n", "$HOME").run(),
  input: (one) => one("cat").input("given").run(),
  streams: async (one) => {
    const child = await one("cat").stdin("pipe").stdout("pipe").start();
    child.stdin.end("streamed");
    let stdout = "";
    for await (const chunk of child.stdout) stdout += chunk;
    return { stdout, exitCode: (await child.wait()).exitCode };
  },
  joined: (one) => one("sh", "-c", "echo a; echo b >&2; echo c").joinOutput().run(),
  status: (one) => one("sh", "-c", "echo why >&2; exit 3").run(),
  signal: (one) => one("sh", "-c", "kill -KILL $$").run(),
  missing: (one) => one("nonesuch").run(),
  missingStatus: async (one) => ({ exitCode: await one("nonesuch").status() }),
  refused: (one) => one("./plain.txt").run(),
  folder: (one) => one("pwd").cwd("sub").run(),
  usual: (one) => one("pwd").run(),
  badFolder: (one) => one("true").cwd("/nonesuch/folder").run(),
  umask: (one) => one("sh", "-c", "umask").umask(0o27).run(),
  limits: (one) => one("sh", "-c", "ulimit -n; nice").limit({ files: 77 }).nice(5).run(),
  impossible: (one) => one("true").limit({ files: 2 ** 40 }).run(),
  who: (one) => one("id", "-u").run(),
  set: (one) => one("sh", "-c", "echo $SET $LD_PRELOAD").env({ SET: "x y", LD_PRELOAD: undefined }).run(),
  descriptors: (one) => one("ls", "/proc/self/fd").run(),
  more: (one) => one("sh", "-c", "cat <&7").inputAt(7, "seven").run(),
  lines: async (one) => {
    const lines = [];
    for await (const line of one("printf", "a\\\\nb").lines()) lines.push(line);
    return { stdout: lines.join() };
  },
  handshake: async (one) => {
    const child = await one("echo", "told").handshake().start();
    await child.waitForHandshake();
    child.notifyHandshake();
    return child.wait();
  },
  aborted: async (one) => {
    const child = await one("sleep", "1000").start();
    await child.abort();
    return child.outcome();
  },
};
const tell = ({ stdout, stderr, exitCode, signal }) => [stdout, stderr, exitCode, signal];
const tellError = ({ kind, code, step, exitCode, signal }) => [kind, code, step, exitCode, signal];
const answers = {};
let at = "";
const stuck = () => console.error("stuck at", at);
process.on("exit", stuck);
for (const [name, run] of Object.entries(cases)) {
  answers[name] = {};
  for (const way of ["resident", "one-shot"]) {
    for (const [where, place] of [["host", undefined], ["inside", old]]) {
      at = [name, where, way].join(" ");
      const one = (program, ...args) => command(program, args).way(way).in(place);
      answers[name][where + " " + way] = await run(one).then(tell, tellError);
    }
  }
}
const release = await command("sh", ["-c", ". /etc/os-release; echo $VERSION_CODENAME; readlink /proc/self/ns/mnt"]).in(old).run();
process.removeListener("exit", stuck);
console.log(JSON.stringify({ answers, release: release.stdout.split("\\n") }));
`;

const inSession = (library: string) => `import { command } from ${JSON.stringify(library)};
const say = async (one) => (await one.run()).stdout.trim();
const where = ["-c", "readlink /proc/self/ns/mnt"];
for (const way of ["resident", "one-shot"]) {
  console.log(await say(command("./tell").way(way)));
  console.log(await say(command("make", ["--no-print-directory", "tell"]).way(way).envNone()));
  console.log(await say(command("sh", where).way(way)));
  console.log(await command("nonesuch-at-all").way(way).status());
}`;

everywhere("the process API", "", (sandbox) => {
  let library: string;

  beforeAll(() => {
    library = join(sandbox().installation.folder, "dist/library/index.mjs");
    sandbox().write("home/compare.mjs", compare(library));
    sandbox().write("home/in-session.mjs", inSession(library));
    sandbox().makeFolder("home/src/tool/sub");
    sandbox().write("home/src/tool/plain.txt", "plain\n");
    sandbox().program("tell", "readlink /proc/self/ns/mnt");
    sandbox().write("home/src/tool/Makefile", ".PHONY: tell\ntell:\n\t@readlink /proc/self/ns/mnt\n");
  });

  test("answers alike on the host and in an environment, by both launchers", () => {
    const text = sandbox().must([process.execPath, join(sandbox().home, "compare.mjs")]);
    const { answers, release } = JSON.parse(text) as { answers: Record<string, Record<string, unknown>>; release: string[] };
    for (const [name, by] of Object.entries(answers)) {
      const expected = Object.fromEntries(Object.keys(by).map((key) => [key, by["host resident"]]));
      expect({ [name]: by }).toEqual({ [name]: expected });
    }
    expect(Object.keys(answers)).toHaveLength(22);
    expect([answers.status?.["inside resident"], answers.missing?.["inside one-shot"]]).toEqual([
      ["exit", null, null, 3, null],
      ["exec", "ENOENT", null, 127, null],
    ]);
    expect(release[0]).toBe("bullseye");
    expect(release[1]).not.toBe(sandbox().must(["readlink", "/proc/self/ns/mnt"]).trim());
  });

  test("in a session starts the environment's commands in it, as every program of the session", async () => {
    const inside = await sandbox().say("./tell");
    const host = await sandbox().say("readlink /proc/self/ns/mnt");
    expect(inside).not.toBe(host);
    const text = await sandbox().say(`${process.execPath} ${join(sandbox().home, "in-session.mjs")}`);
    const once = [inside, inside, host, "127"];
    expect(text.split("\n")).toEqual([...once, ...once]);
  });
});
