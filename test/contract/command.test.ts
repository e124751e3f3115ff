import { mkdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { buildInside, buildOutside, everywhere } from "./everywhere.ts";

const hex = (text: string, encoding: BufferEncoding = "utf8") => Buffer.from(text, encoding).toString("hex");

everywhere(
  "a command",
  "",
  (sandbox, { isServed }) => {
    let caller: string;

    beforeAll(async () => {
      await buildInside(sandbox(), "probe");
      caller = buildOutside(sandbox(), "caller");
    });

    test("gets its arguments as they are", async () => {
      const script = String.raw`./probe arguments '' ' a  b ' $'two\nlines\n' '"quoted"' "it's" $'\xff\xfe\x80' '*' '$HOME' --`;
      const words = ["", " a  b ", "two\nlines\n", '"quoted"', "it's", "\xff\xfe\x80", "*", "$HOME", "--"].map((word) =>
        hex(word, "latin1"),
      );
      expect(await sandbox().say(script)).toBe(words.join("\n"));
    });

    test("takes 1.9 MB of arguments, and one of the longest that there may be", async () => {
      expect(await sandbox().say(`${caller} many ./probe amount`)).toBe("1769 arguments, 1899072 bytes");
      expect(await sandbox().session(`${caller} too-many ./probe`)).toEqual({
        status: 98,
        stdout: "",
        stderr: "execv: Argument list too long\n",
      });
    });

    test.each([
      ["in the repository", ""],
      ["in a folder of it", "/sub/folder"],
      ["with spaces and quotes", `/a "b" 'c' d`],
      ["with a newline", "/two\nlines"],
      ["with a backslash and a dollar", "/a\\b$c"],
    ])("works in the same folder: %s", async (_, folder) => {
      const cwd = sandbox().makeFolder(`home/src/tool${folder}`);
      const up = folder
        .split("/")
        .slice(1)
        .map(() => "../")
        .join("");
      expect(await sandbox().say(`${up || "./"}probe directory`, { cwd })).toBe(hex(cwd));
      expect(await sandbox().say("gcc -x c -E - < /dev/null > made; stat -c %n made", { cwd })).toBe("made");
      expect(statSync(join(cwd, "made"))).toMatchObject({ uid: sandbox().person.uid, gid: sandbox().person.gid });
    });

    test("works in folders, and runs programs, whose names are not UTF-8", async () => {
      const script = String.raw`mkdir $'b\xff\xc0d' && cd $'b\xff\xc0d' && ../probe directory && cp ../probe $'p\xfe' && ./$'p\xfe' directory`;
      const folder = `${hex(sandbox().repository)}2f62ffc064`;
      expect(await sandbox().say(script)).toBe(`${folder}\n${folder}`);
    });

    test("keeps the folder's logical name in PWD, and knows the physical one behind a link that only the host has", async () => {
      const { repository, home } = sandbox();
      sandbox().program("where", "pwd; pwd -P");
      expect(await sandbox().say("mkdir -p real; ln -s real link; cd link; ../where")).toBe(`${repository}/link\n${repository}/real`);
      expect(await sandbox().say(`ln -s ${repository} ${home}/short; cd ${home}/short; ./where`)).toBe(`${repository}\n${repository}`);
    });

    test("leaves its exit status as it is", async () => {
      const statuses = [0, 1, 2, 3, 63, 64, 124, 125, 126, 127, 128, 129, 130, 137, 200, 254, 255];
      const script = statuses.map((status) => `./probe exit ${status}; echo $?`).join("\n");
      expect(await sandbox().say(script)).toBe(statuses.join("\n"));
      for (const status of [0, 7, 125, 255]) expect((await sandbox().session(`exec ./probe exit ${status}`)).status).toBe(status);
    });

    test.each([
      ["TERM", 15],
      ["KILL", 9],
      ["INT", 2],
      ["USR1", 10],
      ["HUP", 1],
    ])("dies by SIG%s as any command does", async (_, number) => {
      const { stdout } = await sandbox().session(`ulimit -c 0; ./probe signal ${number}; echo $?`);
      expect(stdout).toBe(`${128 + number}\n`);
    });

    // A served command is a process of the pod's own, for which the caller's one stands.
    if (!isServed) {
      test("is the process that its caller started", async () => {
        const inside = (text: string) => JSON.parse(text.split("\n")[0] ?? "") as Record<string, number>;
        const spawned = await sandbox().say(`${caller} spawn ./probe process`);
        expect(spawned).toContain(`\nstarted ${inside(spawned).pid}`);
        const grouped = await sandbox().say(`${caller} group ./probe process`);
        expect(inside(grouped).group).toBe(inside(grouped).pid);
        const background = await sandbox().say("./probe process > process & wait; cat process; echo $!");
        expect(background.split("\n")[1]).toBe(String(inside(background).pid));
        const [own, child = ""] = (await sandbox().say("echo $$; ./probe process; true")).split("\n");
        expect(inside(child).parent).toBe(Number(own));
      });
    }

    test("has its caller's user, umask and nice value", async () => {
      const { person } = sandbox();
      const { uid, gid, umask, nice } = JSON.parse(await sandbox().say("umask 027; exec nice -n 5 ./probe process"));
      expect({ uid, gid, umask, nice }).toEqual({ uid: person.uid, gid: person.gid, umask: 0o027, nice: 5 });
      await sandbox().say("umask 027; gcc -x c -E - < /dev/null -o masked");
      expect(statSync(join(sandbox().repository, "masked")).mode & 0o777).toBe(0o640);
    });

    test("has its caller's limits and signal mask", async () => {
      expect(await sandbox().say(`ulimit -Sn 100; ${caller} blocked ./probe blocked`)).toBe("blocked USR1 1, ignored HUP 1");
      sandbox().program("limits", "ulimit -n");
      expect(await sandbox().say("ulimit -Sn 100; ./limits")).toBe("100");
    });

    test("gets the descriptors that its caller left open, and none of ours", async () => {
      const own = await sandbox().say(`cp probe ${sandbox().home}/probe-of-host; ${sandbox().home}/probe-of-host descriptors`);
      expect(await sandbox().say("./probe descriptors")).toBe(own);
      expect(await sandbox().say("exec 5< /dev/null 9> /dev/null; ./probe descriptors")).toBe(own.replace(/^2$/m, "2\n5\n9"));
      sandbox().program("speak", "echo to seven >&7");
      expect(await sandbox().say("./speak 7> seven; cat seven")).toBe("to seven");
      expect((await sandbox().session("exec ./probe exit 4 <&- >&- 2>&-")).status).toBe(4);
    });

    test("reads stdin to its end and writes where it is told", async () => {
      sandbox().program("count", "wc -c");
      sandbox().program("both", "echo out; echo err >&2");
      expect(await sandbox().say("./count", { input: "x".repeat(3_000_000) })).toBe("3000000");
      expect(await sandbox().session("./both")).toEqual({ status: 0, stdout: "out\n", stderr: "err\n" });
      expect(await sandbox().say("echo one | cat | ./count | cat")).toBe("4");
      expect(await sandbox().say("./both 2>/dev/null > both.txt; cat both.txt")).toBe("out");
      sandbox().program("endless", "exec yes");
      expect(await sandbox().say("./endless | head -n 1; echo ${PIPESTATUS[0]}")).toBe("y\n141");
    });

    test("is found in /proc, and ended, by the number that its caller knows", async () => {
      sandbox().program("wait", "echo ready; exec sleep 100");
      const script = "mkfifo fifo; ./wait > fifo & read line < fifo; kill -TERM $!; wait $!; echo $line $?; rm fifo";
      expect(await sandbox().say(script)).toBe("ready 143");
    });

    test("runs by `qpod run` as in a session", async () => {
      const { person, repository } = sandbox();
      expect(sandbox().command(["run", "./probe", "arguments", "", "a b", "--root"])).toEqual({
        status: 0,
        stdout: `\n${hex("a b")}\n${hex("--root")}\n`,
        stderr: "",
      });
      expect(sandbox().command(["run", "--", "./probe", "exit", "77"]).status).toBe(77);
      expect(sandbox().command(["run", "sh", "-c", "cat; pwd; id -u"], { input: "given\n" })).toEqual({
        status: 0,
        stdout: `given\n${repository}\n${person.uid}\n`,
        stderr: "",
      });
      mkdirSync(join(repository, "x"), { recursive: true });
      expect(
        sandbox()
          .command(["run", "../probe", "directory"], { cwd: join(repository, "x") })
          .stdout.trim(),
      ).toBe(hex(join(repository, "x")));
    });
  },
  "main",
);
