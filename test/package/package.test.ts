import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

const checkout = resolve(import.meta.dirname, "..", "..");

/** Every name that others may import, used with its types. */
const use = `
import { environment, QpodError } from "qpod";
import { debug, type Gdb, GdbError, playScript, trace, type TraceEvent, traceLibraries } from "qpod/debug";
import { type Host, lab, LabError, type Topology, withLab } from "qpod/lab";
import { command, CommandError, type Result } from "qpod/process";

const said: Result = await command("echo", ["of the package"]).run();
const net = lab();
const here: Host = net.host("here");
const answer: string = await withLab(net, async () => (await here.run("hostname")).stdout.trim());
const topology: Topology = net.topology;
// @ts-expect-error a program is a text
command(1);
// @ts-expect-error there is no such option
lab().host("there", { adresses: [] });
const errors: boolean = [CommandError, GdbError, LabError, QpodError].every((one) => one.prototype instanceof Error);
export const unused: [typeof environment, typeof playScript, typeof trace, typeof traceLibraries, Gdb?, TraceEvent?] = [
  environment, playScript, trace, traceLibraries,
];
console.log(JSON.stringify([said.stdout.trim(), answer, Object.keys(topology.hosts), errors, typeof debug]));
`;

describe("the package, as npm packs and installs it", () => {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "qpod-package-")));
  const homes = ["HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_RUNTIME_DIR", "XDG_STATE_HOME"];
  const env = { ...process.env, ...Object.fromEntries(homes.map((name) => [name, folder])) };
  let files: string[];

  function must(program: string, args: string[]): string {
    const { status, stdout, stderr } = spawnSync(program, args, { cwd: folder, env, encoding: "utf8" });
    expect([status, stderr.replaceAll(/^npm (?:warn|notice).*\n/gm, "")], stdout).toEqual([0, ""]);
    return stdout;
  }

  beforeAll(() => {
    const [packed] = JSON.parse(must("npm", ["pack", checkout, "--ignore-scripts", "--json", "--pack-destination", folder]));
    files = packed.files.map(({ path }: { path: string }) => path);
    writeFileSync(join(folder, "package.json"), '{ "type": "module" }');
    // What it needs is in it: nothing is fetched.
    must("npm", ["install", "--offline", "--ignore-scripts", "--no-audit", "--no-fund", join(folder, packed.filename)]);
  });

  afterAll(() => rmSync(folder, { recursive: true }));

  test("has what runs, and neither sources nor tests", () => {
    expect(files).toEqual(
      expect.arrayContaining([
        "README.md",
        "LICENSE",
        "man/qpod.1",
        "dist/native/libqpod.so",
        "dist/start-pod.js",
        "schema/environment.schema.json",
      ]),
    );
    expect(files.filter((path) => /^(?:src|test|native|bench)\//.test(path))).toEqual([]);
  });

  test("is typed, and does what its types say", () => {
    mkdirSync(join(folder, "node_modules", "@types"), { recursive: true });
    symlinkSync(join(checkout, "node_modules", "@types", "node"), join(folder, "node_modules", "@types", "node"));
    symlinkSync(join(checkout, "node_modules", "undici-types"), join(folder, "node_modules", "undici-types"));
    writeFileSync(join(folder, "use.ts"), use);
    must(process.execPath, [
      join(checkout, "node_modules", "typescript", "bin", "tsc"),
      ...["--strict", "--module", "nodenext", "--target", "es2022", "--lib", "es2023,esnext.disposable", "--types", "node", "use.ts"],
    ]);
    expect(JSON.parse(must(process.execPath, ["use.js"]))).toEqual(["of the package", "here", ["here"], true, "function"]);
  });

  test("has the commands", () => {
    const { version } = JSON.parse(readFileSync(join(checkout, "package.json"), "utf8"));
    expect(must("node_modules/.bin/qpod", ["--version"]).trim()).toBe(version);
    expect(must("node_modules/.bin/qpod", ["env", "list", "--json"])).toMatch(/^\[/);
    expect(must("node_modules/.bin/qpod-shell", ["-c", "echo in a session"])).toBe("in a session\n");
  });
});
