import { execFileSync } from "node:child_process";
import { chmodSync, chownSync, existsSync, mkdirSync, mkdtempSync, realpathSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import type { Installation } from "./installation.ts";
import { type Person, runAs } from "./person.ts";

/** A person's home with nothing in it but what a test puts there, and a repository of an old code base. */
export class Workshop {
  readonly folder: string;
  readonly home: string;
  readonly repository: string;
  readonly env: Record<string, string>;
  readonly person: Person;
  readonly #installation: Installation;

  constructor(person: Person, installation: Installation) {
    this.person = person;
    this.#installation = installation;
    // Not below /tmp, which pods see anyway.
    this.folder = realpathSync(mkdtempSync("/var/tmp/qpod-workshop-"));
    chownSync(this.folder, person.uid, person.gid);
    this.home = this.makeFolder("home");
    this.repository = this.makeFolder("home/src/tool");
    // Where it is missing, a first fish reads every man page in the background, for longer than a test takes.
    this.makeFolder("home/.local/share/fish/generated_completions");
    this.env = {
      HOME: this.home,
      USER: person.name,
      LOGNAME: person.name,
      PATH: installation.path,
      LANG: "C.UTF-8",
      TERM: "xterm-256color",
      XDG_CONFIG_HOME: this.makeFolder("home/.config"),
      XDG_DATA_HOME: this.makeFolder("home/.local/share"),
      XDG_STATE_HOME: this.makeFolder("home/.local/state"),
      XDG_RUNTIME_DIR: this.makeFolder("run"),
    };
  }

  /** A private folder of this person's. */
  makeFolder(name: string): string {
    const path = join(this.folder, name);
    let made = this.folder;
    for (const part of relative(this.folder, path).split("/")) {
      made = join(made, part);
      if (existsSync(made)) continue;
      mkdirSync(made, { mode: 0o700 });
      chownSync(made, this.person.uid, this.person.gid);
    }
    return path;
  }

  write(name: string, text: string, mode = 0o644): string {
    const path = join(this.folder, name);
    this.makeFolder(relative(this.folder, dirname(path)));
    writeFileSync(path, text);
    chmodSync(path, mode);
    chownSync(path, this.person.uid, this.person.gid);
    return path;
  }

  /** The old code base, and an environment for it. */
  bind(rootfs: string, more = ""): void {
    this.write("home/.config/qpod/environments/old.yaml", `rootfs: ${rootfs}\nengine: embedded\n${more}`);
    for (const [name, text] of Object.entries(codeBase)) this.write(`home/src/tool/${name}`, text, name === "where" ? 0o755 : 0o644);
    this.must(["git", "init", "--quiet", "--initial-branch=main"]);
    this.must(["git", "add", "."]);
    this.must(["git", "-c", "user.name=Q", "-c", "user.email=q@example.com", "commit", "--quiet", "--message=An old tool"]);
    this.must([this.#installation.qpod, "init", "old"]);
  }

  /** Runs a program to its end in the repository, without a terminal. */
  run(argv: readonly string[], options: { cwd?: string; env?: Record<string, string>; input?: string } = {}) {
    return runAs(this.person, argv, { cwd: this.repository, env: this.env, ...options });
  }

  must(argv: readonly string[], cwd?: string): string {
    const { status, stdout, stderr } = this.run(argv, cwd ? { cwd } : {});
    if (status !== 0) throw new Error(`${argv.join(" ")} ended with status ${status}:\n${stdout}${stderr}`);
    return stdout;
  }

  remove(): void {
    this.run([this.#installation.qpod, "down", "--all"]);
    // Overlay keeps work folders of mode 0, and the ordinary user's layers hold files of their subordinate ids.
    execFileSync("rm", ["-rf", this.folder]);
  }
}

/** Which program built it and where it runs are told by the tool itself. */
const tool = `#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

static void show_size(void)
{
	struct winsize size = { 0 };
	ioctl(0, TIOCGWINSZ, &size);
	printf("%d rows, %d columns\\n", size.ws_row, size.ws_col);
	fflush(stdout);
}

static void on_signal(int number)
{
	if (number == SIGWINCH)
		show_size();
	else
		puts("went on"), fflush(stdout);
}

static int selftest(int passed)
{
	printf("selftest passed: %d, built by gcc %d\\n", passed, __GNUC__);
	return 0;
}

int main(int argc, char **argv)
{
	const char *job = argc > 1 ? argv[1] : "";
	if (strcmp(job, "--selftest") == 0)
		return selftest(1);
	if (strcmp(job, "--exit") == 0 && argc > 2)
		return atoi(argv[2]);
	if (strcmp(job, "--crash") == 0)
		abort();
	if (strcmp(job, "--wait") != 0)
		return selftest(0);
	signal(SIGCONT, on_signal);
	signal(SIGWINCH, on_signal);
	show_size();
	puts("now waiting");
	fflush(stdout);
	for (;;)
		pause();
}
`;

const codeBase = {
  "tool.c": tool,
  Makefile: `build/tool: tool.c
	@mkdir -p build
	@echo "building with gcc $$(gcc -dumpversion)"
	gcc -g -O0 -o $@ tool.c

clean:
	rm -rf build
`,
  where: `#!/bin/sh
. /etc/os-release
echo "in $VERSION_CODENAME at $(pwd) on $(tty)"
`,
  ".gitignore": "build/\n",
};
