import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { commands, groupSummaries } from "../../../src/cli/commands.ts";
import { bashCompletion } from "../../../src/cli/complete-bash.ts";
import { fishCompletion } from "../../../src/cli/complete-fish.ts";
import { zshCompletion } from "../../../src/cli/complete-zsh.ts";
import { completionWords } from "../../../src/cli/completion-words.ts";

const words = completionWords(commands, groupSummaries);
const scripts = Object.entries({ bash: bashCompletion(words), zsh: zshCompletion(words), fish: fishCompletion(words) });
const has = (name: string) => spawnSync(name, ["-c", "true"]).status === 0;

describe.each(scripts)("the completion script of %s", (shell, script) => {
  test.runIf(has(shell))("is read without a complaint", () => {
    expect(spawnSync("sh", ["-c", `printf %s "$1" | ${shell} -n`, "sh", script], { encoding: "utf8" })).toMatchObject({
      status: 0,
      stdout: "",
      stderr: "",
    });
  });

  test("names every command and every option, and none that is for the launcher", () => {
    for (const { name, hidden, options = [] } of commands) {
      if (hidden) expect(script).not.toMatch(new RegExp(`\\b${name}\\b`));
      else for (const word of name.split(" ")) expect(script).toContain(word);
      for (const { flags } of hidden ? [] : options) expect(script).toContain(flags.replace(/ .*/, "").replace(/^--/, ""));
    }
  });
});

/** What a shell offers where an environment belongs; `qpod` is started only to say what is in catalogs. */
describe.each(scripts)("environments, completed by %s,", (shell, script) => {
  const folder = mkdtempSync(join(tmpdir(), "qpod-completion-"));
  const config = join(folder, "a config");
  mkdirSync(join(config, "qpod/environments"), { recursive: true });
  afterAll(() => rmSync(folder, { recursive: true }));

  const find = () => {
    const says = `echo '[{"name":"from-a-catalog"}]'`;
    // zsh's own system, which these belong to, is there only where somebody types.
    const system = shell === "zsh" ? "compdef() { :; }\ncompadd() { shift; printf '%s\\n' \"$@\"; }\n" : "shopt -s failglob\n";
    const [before, after] =
      shell === "fish" ? [`function qpod; ${says}; end`, "__qpod_environments"] : [`${system}qpod() { ${says}; }`, "_qpod_environments"];
    const options = { bash: ["--norc"], zsh: ["-f"], fish: ["--no-config"] }[shell] ?? [];
    const text = `${before}\n${script}\n${after}`;
    const env = { PATH: process.env.PATH, HOME: folder, XDG_CONFIG_HOME: config };
    const { stdout, stderr } = spawnSync(shell, [...options, "-c", text], { encoding: "utf8", env });
    expect(stderr).toBe("");
    return stdout.split("\n").filter(Boolean);
  };

  test.runIf(has(shell))("are the names of the files", () => {
    expect(find()).not.toContain("from-a-catalog");
    for (const name of ["old", "not-old.yaml.bak", "a.b-c"]) writeFileSync(join(config, `qpod/environments/${name}.yaml`), "");
    writeFileSync(join(config, "qpod/environments/notes.txt"), "");
    const found = find();
    expect(found).toEqual(expect.arrayContaining(["old", "not-old.yaml.bak", "a.b-c"]));
    expect(found.filter((name) => /notes|[/]|from-a-catalog/.test(name))).toEqual([]);
  });

  test.runIf(has(shell))("are asked of qpod when there are catalogs", () => {
    writeFileSync(join(config, "qpod/catalogs.yaml"), "catalogs: []\n");
    expect(find()).toEqual(["from-a-catalog"]);
  });
});

/** What fish offers, each without its description. */
function offer(line: string): string[] {
  const { stdout, stderr } = spawnSync(
    "fish",
    ["--no-config", "-c", `${fishCompletion(words)}\nfunction qpod; end; complete -C '${line}'`],
    {
      encoding: "utf8",
    },
  );
  expect(stderr).toBe("");
  return stdout
    .trim()
    .split("\n")
    .filter(Boolean)
    .map((row) => row.split("\t")[0] ?? "");
}

describe.runIf(has("fish"))("fish", () => {
  test.each<[string, string[]]>([
    ["qpod sta", ["status"]],
    ["qpod --", ["--help", "--version"]],
    ["qpod env ", ["add", "edit", "list", "remove", "show", "update"]],
    ["qpod env show --", ["--help", "--json"]],
    ["qpod run --", ["--env", "--help", "--root"]],
    ["qpod run cat --json", []],
    ["qpod run --env run explain --json", []],
    ["qpod completion bash ", []],
    ["qpod help doc", ["doctor"]],
    ["qpod env add x --engine ", ["docker", "embedded", "podman"]],
    ["qpod-shell --", ["--help"]],
  ])("offers after %j %j", (line, expected) => {
    expect(offer(line)).toEqual(expected);
  });
});
