import { readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { everywhere } from "./everywhere.ts";

const source = `#include <stdio.h>

static int twice(int number)
{
	return 2 * number; /* here */
}

int main(void)
{
	printf("twice 21 is %d\\n", twice(21));
	return 0;
}
`;

/** Four jobs, each of which ends only when all have begun; alone it gives up. */
const makefile = `
jobs: job-1 job-2 job-3 job-4
job-%:
	@touch begun-$*; for i in $$(seq 500); do [ $$(ls begun-* | wc -l) -ge 4 ] && exit 0; sleep 0.01; done; echo alone >&2; exit 1
nested:
	@rm -f begun-*; $(MAKE) --no-print-directory jobs
version:
	@$(CC) -dumpversion; $(CXX) --version > /dev/null && echo '$(MAKE_VERSION)'
`;

everywhere("a build", "", (sandbox) => {
  beforeAll(() => {
    sandbox().write("home/src/tool/twice.c", source);
    sandbox().write("home/src/tool/Makefile", makefile);
  });

  test("uses the environment's make and compiler", async () => {
    expect(await sandbox().say("make version; make CC=gcc-10 version")).toBe("10\n4.3\n10\n4.3");
    expect(await sandbox().say("gcc -g -o twice twice.c && ./twice")).toBe("twice 21 is 42");
  });

  test("shares its jobs between a make and the makes it starts", async () => {
    expect(await sandbox().say("make -j4 nested")).toBe("");
    const { stdout, stderr } = await sandbox().session("rm -f begun-*; make -j1 --no-print-directory jobs & wait $!; echo $?");
    expect([stdout, stderr]).toEqual(["2\n", expect.stringContaining("alone")]);
  });

  test("takes its jobs from a make of the host that started it", async () => {
    const { repository } = sandbox();
    const outer = sandbox().makeFolder("home/outer");
    sandbox().write(
      "home/outer/Makefile",
      `all:\n\t+@rm -f ${repository}/begun-*; cd ${repository} && $(MAKE) --no-print-directory jobs flags\n`,
    );
    sandbox().write("home/src/tool/Makefile", `${makefile}flags:\n\t@echo '$(MAKEFLAGS) $(MAKELEVEL)'; readlink /proc/self/ns/mnt\n`);
    const [flags, namespace] = (await sandbox().say("make -j4 --no-print-directory", { cwd: outer })).split("\n");
    expect(flags).toMatch(/--jobserver-auth=.* 1$/);
    expect(namespace).not.toBe(await sandbox().say("readlink /proc/self/ns/mnt"));
  });

  test("is debugged where it is: break at main, run, backtrace, with source lines", async () => {
    await sandbox().say("gcc -g -O0 -o twice twice.c");
    const commands = ["break main", "run", "break twice", "continue", "bt", "finish"].map((one) => `-ex '${one}'`);
    const { stdout } = await sandbox().session(`gdb -q -batch -nx ${commands.join(" ")} ./twice`);
    expect(stdout).toMatch(/^Breakpoint 1 at 0x[0-9a-f]+: file twice\.c, line 10\.$/m);
    expect(stdout).toMatch(/^Breakpoint 1, main \(\) at twice\.c:10\n10\t\tprintf\("twice/m);
    expect(stdout).toMatch(/^5\t\treturn 2 \* number; \/\* here \*\/$/m);
    expect(stdout).toMatch(/^#0 {2}twice \(number=21\) at twice\.c:5\n#1 {2}0x[0-9a-f]+ in main \(\) at twice\.c:10$/m);
    expect(stdout).toMatch(/Value returned is \$1 = 42/);
  });

  test("is debugged while it runs", async () => {
    sandbox().write(
      "home/src/tool/waiting.c",
      '#include <unistd.h>\nint main(void)\n{\n\twrite(1, "r\\n", 2);\n\tpause();\n\treturn 0;\n}\n',
    );
    const script = `gcc -g -o waiting waiting.c; mkfifo fifo; ./waiting > fifo & read ready < fifo
gdb -q -batch -nx -p $! -ex 'bt' 2>/dev/null; kill $!; rm fifo`;
    expect((await sandbox().session(script)).stdout).toMatch(/main \(\) at waiting\.c:5\n/);
  });

  test("leaves files that belong to who started it", () => {
    expect(readFileSync(join(sandbox().repository, "twice")).subarray(1, 4).toString()).toBe("ELF");
    const owners = sandbox().must(["find", ".", "!", "-user", sandbox().person.name, "-o", "!", "-gid", String(sandbox().person.gid)]);
    expect(owners).toBe("");
  });
});
