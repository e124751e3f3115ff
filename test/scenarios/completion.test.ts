import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { copyInstallation, type Installation } from "../support/installation.ts";
import { findPeople, type Person } from "../support/person.ts";
import { Terminal } from "../support/terminal.ts";
import { Workshop } from "../support/workshop.ts";
import { moveIn, typedShells } from "./shells.ts";

let installation: Installation;
let workshop: Workshop;
let terminal: Terminal;

beforeAll(() => {
  installation = copyInstallation();
});

afterEach(async () => {
  await terminal.close();
  workshop.remove();
});

afterAll(() => installation.remove());

const [person] = findPeople() as [Person];

const load: Record<string, string> = {
  bash: "eval \"$(qpod completion bash)\"; bind 'set bell-style none'",
  zsh: "autoload -Uz compinit; compinit -D; zstyle ':completion:*' verbose no; eval \"$(qpod completion zsh)\"",
  fish: "qpod completion fish | source",
};

describe.each(typedShells.filter(({ name }) => load[name]))("$name", (shell) => {
  beforeEach(async () => {
    workshop = new Workshop(person, installation);
    for (const name of ["old", "oldest", "fresh"]) workshop.write(`home/.config/qpod/environments/${name}.yaml`, "host: true\n");
    workshop.write("home/src/tool/folder/a file.tar", "");
    workshop.write("home/src/tool/program", "#!/bin/sh\n", 0o755);
    terminal = new Terminal(person, [shell.path], { cwd: workshop.repository, env: moveIn(workshop, shell) });
    await terminal.prompt();
    expect(await terminal.run(load[shell.name] ?? "")).toEqual({ status: 0, output: "" });
  });

  /** One possible word is put on the line by Tab; what is on the line then is what `echo` gets. */
  test.each([
    ["qpod sta", "status"],
    ["qpod env sh", "env show"],
    ["qpod scratch dr", "scratch drop"],
    ["qpod lab gr", "lab graph"],
    ["qpod init fr", "init fresh"],
    ["qpod init --sha", "init --shared"],
    ["qpod env show fr", "env show fresh"],
    ["qpod run --env fr", "run --env fresh"],
    ["qpod env add x --engine pod", "env add x --engine podman"],
    ["qpod env add x --engine=pod", "env add x --engine=podman"],
    ["qpod env add x --archive folder/a", "env add x --archive folder/a file.tar"],
    ["qpod env add x --rootfs fol", "env add x --rootfs folder/"],
    ["qpod completion fi", "completion fish"],
    ["qpod help doc", "help doctor"],
    ["qpod run readli", "run readlink"],
    ["qpod run ./prog", "run ./program"],
    ["qpod run --env old cat fold", "run --env old cat folder/"],
    ["qpod-shell readli", "readlink"],
    ["qpod-shell cat fold", "cat folder/"],
    ["qpod ps --js", "ps --json"],
  ])("completes %s", async (line, expected) => {
    await terminal.run(
      shell.name === "fish"
        ? 'function qpod; if test "$argv[1..2]" = \'env list\'; command qpod $argv; else; echo "=$argv="; end; end; function qpod-shell; echo "=$argv="; end'
        : 'qpod() { if [ "$1 $2" = "env list" ]; then command qpod "$@"; else echo "=$*="; fi; }; qpod-shell() { echo "=$*="; }',
    );
    terminal.type(line, "tab");
    // The completed word is shown before Enter is typed: shells throw away what comes while they think.
    await terminal.waitFor(new RegExp(`${expected.split(/[ /=]/).filter(Boolean).at(-1)}`));
    terminal.type("");
    // zsh takes a folder's last slash away again.
    expect((await terminal.prompt()).output).toMatch(new RegExp(`^=${expected.replace(/\/$/, "/?")}=$`));
  });

  test("shows what may come when there is a choice", async () => {
    terminal.type("qpod init old", "tab");
    if (shell.name === "bash") terminal.type("", "tab");
    await terminal.waitFor(/old\s+oldest/);
  });
});
