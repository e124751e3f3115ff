import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { formatError, type QpodError } from "../../../src/base/errors.ts";
import { ConfigError } from "../../../src/config/config-error.ts";
import { parseEnvironment, readEnvironmentFile } from "../../../src/config/read.ts";
import { makeFolder } from "../repo/git.ts";

const parse = (text: string | Buffer) => parseEnvironment(text, "/team/old.yaml", "old", "/home/ann");

/** The mistakes as `line:column fact | remedy`. */
async function mistakesOf(text: string | Buffer): Promise<string[]> {
  try {
    await parse(text);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.mistakes.map(({ fact, place, remedy }) => `${place.line}:${place.column} ${fact}${remedy ? ` | ${remedy}` : ""}`);
  }
  return [];
}

describe("a whole environment", () => {
  test("is read with its paths resolved", async () => {
    const text = `
description: The 2018 line
image: registry.example.com/mmsx:2018.3
engine: podman
commands: [mkimage, "*-elf-gcc"]
default-commands: false
host: [git, ./tools/, docs//*.md]
variables:
  set: {A: 1.10, B: no, C: , "D": "two words", E: True}
  pass: [MMSX_*, LOGNAME]
mounts:
  - ../toolchains
  - ~/x:/opt/x:ro
  - {source: ./a:b, target: /opt/a/, read-only: true}
share: [ssh-agent, ccache]
limits: {open-files: 1024, stack: 0}
path: /qpod/
`;
    expect(await parse(text)).toEqual({
      name: "old",
      place: { file: "/team/old.yaml" },
      description: "The 2018 line",
      root: { kind: "image", reference: "registry.example.com/mmsx:2018.3" },
      engine: "podman",
      commands: ["mkimage", "*-elf-gcc"],
      defaultCommands: false,
      host: ["git", "tools/**", "docs/*.md"],
      variables: { set: { A: "1.10", B: "no", C: "", D: "two words", E: "True" }, pass: ["MMSX_*", "LOGNAME"] },
      mounts: [
        { source: "/toolchains", target: "/toolchains", readOnly: false },
        { source: "/home/ann/x", target: "/opt/x", readOnly: true },
        { source: "/team/a:b", target: "/opt/a", readOnly: true },
      ],
      share: ["ssh-agent", "ccache"],
      limits: { "open-files": 1024, stack: 0 },
      path: "/qpod",
    });
  });

  test("needs no more than a root; lists may be left empty", async () => {
    const environment = await parse("rootfs: ~\ncommands:\nhost:\nmounts:\nshare:\nvariables:\n  set:\n  pass:\n");
    expect(environment).toMatchObject({
      root: { kind: "rootfs", folder: "/home/ann" },
      commands: [],
      host: [],
      mounts: [],
      share: [],
      defaultCommands: true,
    });
  });

  test("may be written with Windows line ends, a byte order mark and aliases", async () => {
    const environment = await parse("\ufeffimage: x\r\ncommands: &list [a, b]\r\nhost: *list\r\n");
    expect(environment).toMatchObject({ commands: ["a", "b"], host: ["a", "b"] });
  });
});

describe("a root", () => {
  test.each([
    ["archive: mmsx.tar", { kind: "archive", file: "/team/mmsx.tar" }],
    ["rootfs: /srv/tree", { kind: "rootfs", folder: "/srv/tree" }],
    ["rootfs: /", { kind: "host" }],
    ["host: true", { kind: "host" }],
    ["containerfile: c/Containerfile", { kind: "containerfile", file: "/team/c/Containerfile", context: "/team/c" }],
    ["containerfile: {file: c/Containerfile, context: .}", { kind: "containerfile", file: "/team/c/Containerfile", context: "/team" }],
    ["bootstrap: bullseye", { kind: "bootstrap", distribution: "debian", release: "bullseye", packages: [], components: [] }],
    [
      "bootstrap: {release: trusty, packages: [gcc]}",
      { kind: "bootstrap", distribution: "ubuntu", release: "trusty", packages: ["gcc"], components: [] },
    ],
    [
      "bootstrap: {distribution: devuan, release: beowulf, components: [main], mirror: http://m.example/d}",
      { kind: "bootstrap", distribution: "devuan", release: "beowulf", packages: [], components: ["main"], mirror: "http://m.example/d" },
    ],
    [
      "bootstrap: {release: jessie, archive: http://a.example/d, keyring: keys/old.asc}",
      {
        kind: "bootstrap",
        distribution: "debian",
        release: "jessie",
        packages: [],
        components: [],
        archive: "http://a.example/d",
        keyring: "/team/keys/old.asc",
      },
    ],
    [
      "bootstrap: {release: jessie, trusted: true}",
      { kind: "bootstrap", distribution: "debian", release: "jessie", packages: [], components: [], trusted: true },
    ],
  ])("can be given as %s", async (text, root) => {
    expect((await parse(text)).root).toEqual(root);
  });

  test("can be the host's own beside a list of what stays on the host", async () => {
    expect(await parse("rootfs: /\nhost: [git]\n")).toMatchObject({ root: { kind: "host" }, host: ["git"] });
  });
});

describe("a mistake is told with its place and what was meant:", () => {
  test.each([
    ["an unknown key", "image: x\ncomands: [a]\n", ['2:1 "comands" is not known here | Did you mean "commands"?']],
    ["a key of a deeper level", "image: x\npass: [A]\n", ['2:1 "pass" is not known here | It belongs under "variables:".']],
    ["another tool's word", "image: x\nvolumes: [/a]\n", ['2:1 "volumes" is not known here | qpod calls it "mounts".']],
    ["an unknown key within", "image: x\nvariables: {sett: {A: 1}}\n", ['2:13 "sett" is not known in "variables" | Did you mean "set"?']],
    [
      "no root",
      "commands: [a]\n",
      ["1:1 the environment has no root filesystem | Give one of image, archive, rootfs, bootstrap, containerfile, or `host: true`."],
    ],
    ["two roots", "image: x\nrootfs: /y\n", ['2:1 "rootfs" is a second root filesystem: "image" is one already | Keep one of them.']],
    ["a root without a value", "image:\n", ['1:1 "image" has no value']],
    ["text where a list belongs", "image: x\ncommands: make\n", ['2:11 "commands" must be a list, not text | Write [make].']],
    ["a list where text belongs", "image: [x]\n", ['1:8 "image" must be text, not a list | If this is meant as text, put it in quotes.']],
    ["a map where a list belongs", "image: x\nshare: {x11: true}\n", ['2:8 "share" must be a list, not a map']],
    ["an unknown engine", "image: x\nengine: dokcer\n", ['2:9 "engine" cannot be "dokcer" | Did you mean "docker"?']],
    ["a misspelt share", "image: x\nshare: [ssh_agent]\n", ['2:9 an entry of "share" cannot be "ssh_agent" | Did you mean "ssh-agent"?']],
    [
      "a limit of nothing known",
      "image: x\nlimits: {open-file: 1}\n",
      ['2:10 "open-file" is not known in "limits" | Did you mean "open-files"?'],
    ],
    ["a limit that is no number", "image: x\nlimits: {stack: 8M}\n", ['2:17 "8M" is not a whole number']],
    ["a misspelt truth", "image: x\ndefault-commands: flase\n", ['2:19 "default-commands" cannot be "flase" | Did you mean "false"?']],
    ["a host that is neither", "host: {a: b}\nimage: x\n", ['1:7 "host" must be true or false or a list, not a map']],
    [
      "a misspelt release",
      "bootstrap: bulseye\n",
      ['1:12 "bulseye" is not a release whose distribution is known | Did you mean "bullseye"?'],
    ],
    [
      "a release of nobody's",
      "bootstrap:\n  release: zzz9\n",
      ['2:12 "zzz9" is not a release whose distribution is known | Name it: `bootstrap: {distribution: debian, release: ...}`.'],
    ],
    [
      "an archive that is none",
      "bootstrap: {release: sid, archive: old.example}\n",
      ['1:36 "old.example" is not a mirror\'s address | It looks like http://deb.debian.org/debian.'],
    ],
    [
      "keys for what is not checked",
      "bootstrap: {release: sid, trusted: true, keyring: k}\n",
      ["1:51 a keyring is of no use to a release that is trusted without a check | Keep one of `keyring:` and `trusted:`."],
    ],
    ["a bootstrap without release", "bootstrap: {packages: [gcc]}\n", ['1:12 "release" is missing']],
    [
      "packages in one entry",
      "bootstrap: {release: sid, packages: [gcc make]}\n",
      ['1:38 "gcc make" holds a space | One word is meant here; in a list, give each its own entry.'],
    ],
    [
      "a variable's name",
      "image: x\nvariables: {set: {1A: x}}\n",
      ['2:19 "1A" is not a variable\'s name | Names have letters, digits and _, and no digit first.'],
    ],
    [
      "a value under pass",
      "image: x\nvariables: {pass: [A=1]}\n",
      ['2:20 "A=1" sets a value | Values go under `set:`; `pass:` has names.'],
    ],
    [
      "a variable that never passes",
      "image: x\nvariables: {pass: [PATH]}\n",
      ["2:20 PATH never passes: the host's value would break programs in the environment | Give it a value under `set:`."],
    ],
    [
      "a relative target",
      "image: x\nmounts: [/a:b]\n",
      ['2:10 "b" is not an absolute path | In the environment it must begin with a slash.'],
    ],
    ["a mount over the root", "image: x\nmounts: [/a:/]\n", ['2:10 "/" cannot be used: the environment\'s own is there']],
    [
      "an unknown key of a mount",
      "image: x\nmounts:\n  - {source: /a, readonly: true}\n",
      ['3:18 "readonly" is not known in an entry of "mounts" | Did you mean "read-only"?'],
    ],
    [
      "a command with its path",
      "image: x\ncommands: [/usr/bin/foo]\n",
      ['2:12 "/usr/bin/foo" is a path; commands are given by name | Write "foo".'],
    ],
    [
      "a host path outside",
      "image: x\nhost: [/usr/bin]\n",
      ['2:8 "/usr/bin" is not a path inside the repository | Give it from the repository\'s top, as in "tools/**".'],
    ],
    ["a relative path", "image: x\npath: qpod\n", ['2:7 "qpod" is not an absolute path | In the environment it must begin with a slash.']],
    [
      "another's home",
      "rootfs: ~bob/x\n",
      ['1:9 "~bob/x": only ~ alone means a home folder, your own | Write the folder out, or ./~NAME for such a name.'],
    ],
    ["a file that is a list", "- image: x\n", ["1:1 the file must be a map, not a list"]],
    ["an empty file", "", ["1:1 the file is empty | docs/environments.md says what belongs here."]],
    ["a file of comments", "# nothing\n", ["1:1 the file is empty | docs/environments.md says what belongs here."]],
    ["a duplicate key", "image: x\nimage: y\n", ['2:1 "image" is given twice | Keep one of them.']],
    ["a tab", "variables:\n\tset: {}\n", ["2:1 a tab is used for indentation, which YAML forbids | Use spaces."]],
    [
      "an unquoted glob",
      "image: x\ncommands: [*-gcc]\n",
      ['2:12 *-gcc stands without quotes, where * means something else to YAML | Write "*-gcc".'],
    ],
    ["two documents", "image: x\n---\nimage: y\n", ['2:1 the file holds several YAML documents | Keep one, and no other line "---".']],
    ["a tag", "image: !secret x\n", ['1:8 the tag "!secret x" has no meaning here | Remove it, or put the value in quotes.']],
  ])("%s", async (_, text, mistakes) => {
    expect(await mistakesOf(text)).toEqual(mistakes);
  });

  test("all mistakes of a file at once, in their order", async () => {
    const text = "comands: [a]\nengine: dokcer\nmounts: [x:y]\nvariables: {pass: [PATH, 'A=1']}\n";
    expect((await mistakesOf(text)).map((mistake) => mistake.split(" ")[0])).toEqual(["1:1", "1:1", "2:9", "3:10", "4:20", "4:26"]);
  });

  test("several are shown each with its own place", async () => {
    const error = await parse("image: x\ncomands: [a]\nengine: podmann\n").catch((error: unknown) => error);
    expect(formatError(error as QpodError)).toBe(
      'qpod: /team/old.yaml:2:1: "comands" is not known here\n  Did you mean "commands"?\n' +
        'qpod: /team/old.yaml:3:9: "engine" cannot be "podmann"\n  Did you mean "podman"?',
    );
  });
});

describe("a hostile file is refused:", () => {
  const factOf = async (text: string | Buffer) => ((await parse(text).catch((error: unknown) => error)) as QpodError).fact;

  test("aliases that repeat themselves", async () => {
    const level = (name: string, below: string) => `${name}: &${name} [${Array(9).fill(`*${below}`).join(", ")}]\n`;
    expect(await factOf(`a: &a [x]\n${level("b", "a")}${level("c", "b")}${level("d", "c")}${level("e", "d")}`)).toBe(
      "aliases repeat too much of the file",
    );
  });

  test("an alias within its own anchor", async () => {
    expect(await factOf("image: x\ncommands: &a [*a]\n")).toBe('an entry of "commands" must be text, not a list');
  });

  test.each([
    ["[".repeat(100_000)],
    ["{a: ".repeat(1000)],
    ["- ".repeat(1000)],
    [Array.from({ length: 500 }, (_, i) => `${" ".repeat(i)}a:`).join("\n")],
  ])("deep nesting (%#)", async (text) => {
    expect(await factOf(text)).toBe("the file is nested too deeply");
  });

  test("though a slip of syntax that is followed by thousands is not told so often", async () => {
    const mistakes = await mistakesOf("[]".repeat(2000));
    expect(mistakes.length).toBeLessThanOrEqual(20);
    expect(mistakes[0]).toContain("not valid YAML");
  });

  test("bytes that are not UTF-8", async () => {
    expect(await factOf(Buffer.from("image: caf\xe9\n", "latin1"))).toBe("the file is not UTF-8 text");
  });

  test("a variable with a NUL", async () => {
    expect(await mistakesOf('image: x\nvariables: {set: {A: "a\\0b"}}\n')).toEqual(["2:22 a variable cannot hold the character NUL"]);
  });

  test("more than 1 MiB", async () => {
    const file = join(makeFolder(), "big.yaml");
    writeFileSync(file, `# ${"x".repeat(1024 * 1024)}\n`);
    await expect(readEnvironmentFile(file, "big")).rejects.toThrow("larger than 1 MiB");
  });

  test("names that every object has", async () => {
    expect(await mistakesOf("image: x\n__proto__: {engine: podman}\nconstructor: y\n")).toHaveLength(2);
    expect(({} as { engine?: string }).engine).toBeUndefined();
  });
});
