import { spawnSync } from "node:child_process";
import { readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { copyInstallation, type Installation } from "../support/installation.ts";

let installation: Installation;
const folders = ["dist/whole", "dist/libraries/whole"];

beforeAll(() => {
  installation = copyInstallation();
});

afterAll(() => installation.remove());

/** Paths of the files with an ending among the programs that were taken apart. */
function list(ending: string): string[] {
  return folders.flatMap((folder) =>
    readdirSync(join(installation.folder, folder))
      .filter((name) => name.endsWith(ending))
      .map((name) => join(installation.folder, folder, name)),
  );
}

/** `env list` reads YAML and checks it; help comes without Node. */
function listEnvironments() {
  const env = { PATH: installation.path, HOME: installation.folder, XDG_CONFIG_HOME: join(installation.folder, "none") };
  const { status, stdout, stderr } = spawnSync(installation.qpod, ["env", "list", "--json"], { env, encoding: "utf8" });
  return { status, stdout, stderr };
}

describe("what V8 compiled when qpod was built", () => {
  it("is there for each program that was taken apart, and is taken by the Node that built it", () => {
    const asks = `const { Script } = require("node:vm"), { readFileSync } = require("node:fs");
for (const file of process.argv.slice(1))
  console.log(new Script(readFileSync(file, "utf8"), { filename: file, cachedData: readFileSync(file.replace(/js$/, "v8")) }).cachedDataRejected);`;
    const files = list(".js");
    const { stdout } = spawnSync(process.execPath, ["-e", asks, ...files], { encoding: "utf8", env: { PATH: process.env.PATH } });
    expect(stdout.trim().split("\n")).toEqual(files.map(() => "false"));
    expect(files).toHaveLength(4);
  });

  it("is not needed", () => {
    const before = listEnvironments();
    expect(before).toMatchObject({ status: 0, stderr: "" });
    for (const file of list(".v8")) writeFileSync(file, "from another version of V8");
    expect(listEnvironments()).toEqual(before);
    for (const file of list(".v8")) rmSync(file);
    expect(listEnvironments()).toEqual(before);
  });
});
