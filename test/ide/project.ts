import type { Sandbox } from "../support/sandbox.ts";

/** A program of two files, which builds wherever it is, and says where that was in compile_commands.json. */
const files = {
  "util.h": "int twice(int number);\n",
  "util.c": `#include "util.h"

int twice(int number)
{
	int result = 2 * number;
	return result;
}
`,
  "main.c": `#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "util.h"

int main(int argc, char **argv)
{
	if (argc > 1 && strcmp(argv[1], "wait") == 0) {
		puts("waiting");
		fflush(stdout);
		pause();
	}
	printf("%d\\n", twice(21));
	return 0;
}
`,
  Makefile: `program: main.c util.c compile_commands.json
	gcc -g -O0 -o $@ $(CURDIR)/main.c $(CURDIR)/util.c

compile_commands.json: Makefile
	@printf '[{"directory": "%s", "file": "%s", "command": "gcc -g -I%s -c %s"},' $(CURDIR) $(CURDIR)/main.c $(CURDIR) $(CURDIR)/main.c >$@
	@printf '{"directory": "%s", "file": "%s", "command": "gcc -g -c %s"}]' $(CURDIR) $(CURDIR)/util.c $(CURDIR)/util.c >>$@
`,
};

export const mainText = files["main.c"];

/** Builds it in the environment that the sandbox's repository is bound to. */
export function buildProject(sandbox: Sandbox): void {
  for (const [name, text] of Object.entries(files)) sandbox.write(`home/src/tool/${name}`, text);
  const { status, stderr } = sandbox.command(["run", "make"]);
  if (status !== 0) throw new Error(stderr);
}
