import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { copyInstallation, type Installation } from "../support/installation.ts";
import { findPeople, type Person } from "../support/person.ts";
import { testRootfs } from "../support/rootfs.ts";
import { Terminal } from "../support/terminal.ts";
import { Workshop } from "../support/workshop.ts";
import { shellNamed } from "./shells.ts";

let installation: Installation;
let rootfs: string;
let workshop: Workshop;
let terminal: Terminal | undefined;

beforeAll(async () => {
  installation = copyInstallation();
  rootfs = await testRootfs();
});

afterEach(async () => {
  await terminal?.close();
  terminal = undefined;
  workshop.remove();
});

afterAll(() => installation.remove());

// The ordinary user, when there is one.
const [person] = findPeople().slice(-1) as [Person];

interface Given {
  /** Start-up files by their place in the home folder. */
  files: Record<string, string>;
  env?: Record<string, string>;
}

/** A session in the repository, begun at once: what the shell around it would do is not looked at. */
async function begin(name: string, { files, env = {} }: Given): Promise<Terminal> {
  const shell = shellNamed(name);
  workshop = new Workshop(person, installation);
  workshop.bind(rootfs, "commands: [python2]\n");
  for (const [file, text] of Object.entries(files)) workshop.write(`home/${file}`, text);
  const given = Object.entries(env).map(([key, value]) => [key, value.replaceAll("@", workshop.home)]);
  terminal = new Terminal(person, [`${installation.folder}/bin/qpod-shell`], {
    cwd: workshop.repository,
    env: { ...workshop.env, SHELL: shell.path, ...Object.fromEntries(given) },
  });
  await terminal.waitFor(/launching \S+ in qpod mode/);
  await terminal.prompt();
  return terminal;
}

const resetPath = "PATH=/usr/local/bin:/usr/bin:/bin\n";
const prompts = {
  bash: "PS1='{$?}> '\n",
  zsh: "PROMPT='{%?}> '\n",
  dash: "PS1='{$?}> '\n",
  fish: 'function fish_prompt\n  echo -n "{$status}> "\nend\nset -g fish_greeting\n',
};
const fishFile = ".config/fish/config.fish";

describe("start-up files that reset PATH and take the library out", () => {
  const cases: [string, Given][] = [
    ["bash", { files: { ".bashrc": `${prompts.bash}${resetPath}unset LD_PRELOAD\n` } }],
    ["zsh", { files: { ".zshenv": resetPath, ".zshrc": `${prompts.zsh}${resetPath}unset LD_PRELOAD\n` } }],
    ["fish", { files: { [fishFile]: `${prompts.fish}set -gx PATH /usr/local/bin /usr/bin /bin\nset -e LD_PRELOAD\n` } }],
    ["dash", { files: { ".shrc": `${prompts.dash}${resetPath}unset LD_PRELOAD\n` }, env: { ENV: "$HOME/.shrc" } }],
  ];

  test.each(cases)("still leave a session in %s", async (shell, given) => {
    const typed = await begin(shell, given);
    expect(await typed.run("python2 -c 'print 6 * 7'")).toEqual({ status: 0, output: "42" });
    expect((await typed.run("./where")).output).toMatch(/^in bullseye /);
    expect((await typed.run("env | grep ^PATH=")).output).toMatch(/^PATH=\/usr\/local\/bin:\/usr\/bin:\/bin:[^:]*\/qpod\/shims$/);
    expect((await typed.run("env | grep -c /libqpod-")).output).toBe("1");
  });

  test.each(cases.slice(0, 3))("put the shims last in %s, even when PATH is changed later", async (shell, given) => {
    const typed = await begin(shell, given);
    await typed.run(shell === "fish" ? "set -gx PATH $PATH /opt/late" : 'PATH="$PATH:/opt/late"');
    expect((await typed.run("env | grep ^PATH=")).output).toMatch(/:\/opt\/late:[^:]*\/qpod\/shims$/);
  });
});

describe("QPOD_ENVIRONMENT", () => {
  const cases: [string, Given][] = [
    ["bash", { files: { ".bashrc": prompts.bash } }],
    ["zsh", { files: { ".zshrc": prompts.zsh } }],
    ["fish", { files: { [fishFile]: prompts.fish } }],
  ];

  test.each(cases)("follows the folder and the branch in %s, and $? stays the command's", async (shell, given) => {
    const typed = await begin(shell, given);
    workshop.must([installation.qpod, "unbind"]);
    workshop.must([installation.qpod, "init", "old", "--branch", "release/*"]);
    workshop.must(["git", "branch", "release/2018"]);
    const look = async () => (await typed.run('echo "now=$QPOD_ENVIRONMENT."')).output;
    await typed.run("true");
    expect(await look()).toBe("now=.");
    await typed.run("git checkout --quiet release/2018");
    expect(await look()).toBe("now=old.");
    expect(await typed.run("./where --missing | false")).toMatchObject({ status: 1 });
    await typed.run("cd /");
    expect(await look()).toBe("now=.");
    await typed.run("cd -");
    expect(await look()).toBe("now=old.");
    expect(await typed.run("sh -c 'exit 7'")).toMatchObject({ status: 7 });
    expect((await typed.run(shell === "fish" ? "echo was $status" : "echo was $?")).output).toBe("was 7");
  });

  test("is not there in dash, which has no hook to keep it true", async () => {
    const typed = await begin("dash", { files: { ".shrc": prompts.dash }, env: { ENV: "@/.shrc", QPOD_ENVIRONMENT: "stale" } });
    expect((await typed.run('echo "now=${QPOD_ENVIRONMENT-unset}"')).output).toBe("now=unset");
    expect((await typed.run("echo $ENV")).output).toBe(`${workshop.home}/.shrc`);
  });
});

describe("bash", () => {
  test("runs a PROMPT_COMMAND of the user's, a string, with the command's status", async () => {
    const typed = await begin("bash", { files: { ".bashrc": `PROMPT_COMMAND='PS1="$QPOD_ENVIRONMENT {$?}> "'\n` } });
    expect((await typed.run("(exit 9)")).status).toBe(9);
    typed.type("true");
    await typed.waitFor(/\nold \{0\}> $/);
  });

  test("runs a PROMPT_COMMAND that is a list", async () => {
    const typed = await begin("bash", { files: { ".bashrc": `${prompts.bash}PROMPT_COMMAND=('first=$?' 'second=$first')\n` } });
    await typed.run("(exit 9)");
    expect((await typed.run("echo $first $second ${#PROMPT_COMMAND[@]}")).output).toBe("9 9 3");
  });

  test("starts another bash and another session without a complaint, PROMPT_COMMAND exported or not", async () => {
    const typed = await begin("bash", { files: { ".bashrc": prompts.bash }, env: { PROMPT_COMMAND: "hooked=$?" } });
    for (const nested of ["bash", "bash --norc", "qpod-shell"]) {
      typed.type(nested);
      if (nested === "bash --norc") {
        await typed.waitFor(/\n(.*)bash-[^\n]*[#$] $/);
        typed.type(prompts.bash.trim());
      }
      if (nested === "qpod-shell") await typed.waitFor(/launching /);
      expect((await typed.prompt()).output).not.toMatch(/not found/);
      await typed.run("(exit 5)");
      expect((await typed.run("echo $hooked $QPOD_ENVIRONMENT; ./where")).output).toMatch(/^5 old\nin bullseye /);
      expect((await typed.run("exit")).output).not.toMatch(/not found/);
    }
  });

  test("reads a .bashrc with nounset, and one that begins a session by itself once", async () => {
    const typed = await begin("bash", { files: { ".bashrc": `set -u\n${prompts.bash}[ -z "\${QPOD_SESSION-}" ] && exec qpod-shell\n` } });
    expect((await typed.run("./where")).output).toMatch(/^in bullseye /);
    expect(await typed.run("echo $QPOD_ENVIRONMENT")).toEqual({ status: 0, output: "old" });
  });
});

describe("zsh", () => {
  const nounset = "setopt no_unset warn_create_global ksh_arrays\nalias export=false typeset=false\n";

  test("reads a .zshrc with options and aliases that would break careless code", async () => {
    const typed = await begin("zsh", {
      files: { ".zshrc": `${prompts.zsh}${resetPath}${nounset}precmd_functions=(mine other)\nmine() { seen=$? }\nother() { : }\n` },
    });
    expect((await typed.run("(exit 6)")).output).toBe("");
    expect((await typed.run("echo $seen $QPOD_ENVIRONMENT ${ZDOTDIR-unset} ${#precmd_functions[@]}")).output).toBe("6 old unset 3");
  });

  test("reads no-unset files where no hook is there yet", async () => {
    const typed = await begin("zsh", { files: { ".zshenv": "setopt no_unset\n", ".zshrc": prompts.zsh } });
    expect((await typed.run("echo $QPOD_ENVIRONMENT ${ZDOTDIR-unset}")).output).toBe("old unset");
  });

  test("reads the files of ZDOTDIR, and gives it back", async () => {
    const typed = await begin("zsh", {
      files: { "dots/.zshrc": `${prompts.zsh}mine=dots\n`, ".zshrc": "mine=home\n" },
      env: { ZDOTDIR: "@/dots" },
    });
    expect((await typed.run("echo $mine $ZDOTDIR $QPOD_ENVIRONMENT")).output).toBe(`dots ${workshop.home}/dots old`);
    expect((await typed.run("zsh -c 'echo $ZDOTDIR'")).output).toBe(`${workshop.home}/dots`);
  });

  test("follows a .zshenv that moves ZDOTDIR", async () => {
    const typed = await begin("zsh", { files: { ".zshenv": "export ZDOTDIR=~/moved\n", "moved/.zshrc": `${prompts.zsh}mine=moved\n` } });
    expect((await typed.run("echo $mine $ZDOTDIR $QPOD_ENVIRONMENT")).output).toBe(`moved ${workshop.home}/moved old`);
  });
});

test("fish reads its configuration and finds commands of the environment", async () => {
  const typed = await begin("fish", {
    files: {
      [fishFile]: `${prompts.fish}abbr -a g git\nset -U fish_user_paths /opt/mine\n`,
      ".config/fish/conf.d/mine.fish": "set -gx FROM_CONF yes\n",
    },
  });
  expect((await typed.run("echo $FROM_CONF $QPOD_ENVIRONMENT $PATH[1]")).output).toBe("yes old /opt/mine");
  expect(await typed.run("gcc-10 -dumpversion")).toEqual({ status: 0, output: "10" });
});

test("a shell that qpod knows nothing of is started as it is", async () => {
  workshop = new Workshop(person, installation);
  workshop.bind(rootfs);
  const shell = workshop.write(
    "home/own-shell",
    '#!/bin/bash --norc\nPS1=\'{$?}> \'\nwhile read -rp "{$?}> " line; do eval "$line"; done\n',
    0o755,
  );
  terminal = new Terminal(person, [`${installation.folder}/bin/qpod-shell`], {
    cwd: workshop.repository,
    env: { ...workshop.env, SHELL: shell },
  });
  await terminal.waitFor(new RegExp(`launching ${shell} in qpod mode`));
  await terminal.prompt();
  expect((await terminal.run("./where")).output).toMatch(/^in bullseye /);
});
