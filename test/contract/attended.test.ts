import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { Terminal } from "../support/terminal.ts";
import { buildInside, everywhere } from "./everywhere.ts";

const stateOf = (pid: number) => (existsSync(`/proc/${pid}`) ? readFileSync(`/proc/${pid}/stat`, "latin1").split(") ")[1]?.[0] : undefined);

/** What a member of a root's engine's group has: a pod whose first process attends to them. */
everywhere(
  "a member of docker's group",
  "",
  (sandbox, { isServed }) => {
    beforeAll(() => buildInside(sandbox(), "wait"));

    describe("in a terminal", () => {
      let terminal: Terminal;

      beforeEach(async () => {
        const env = { ...sandbox().env, SHELL: "/bin/bash" };
        sandbox().write("home/.bashrc", "PS1='{$?}> '\n");
        terminal = new Terminal(sandbox().person, ["qpod-shell"], { cwd: sandbox().repository, env, rows: 43, columns: 132 });
        await terminal.prompt();
      });

      afterEach(() => terminal.close());

      async function startWaiting(): Promise<number> {
        terminal.type("./wait");
        const [, pid] = await terminal.waitFor(/43 rows, 132 columns\s+process (\d+) now waiting/);
        return Number(pid);
      }

      const gone = (pid: number) =>
        vi.waitFor(() => expect([undefined, "Z", "X"]).toContain(stateOf(pid)), { timeout: 20_000, interval: 5 });

      test("interrupts a command with Ctrl-C", async () => {
        const pid = await startWaiting();
        terminal.press("ctrl-c");
        expect(await terminal.prompt()).toMatchObject({ status: 130 });
        await gone(pid);
      });

      test("stops it with Ctrl-Z, and goes on with it", async () => {
        const pid = await startWaiting();
        terminal.press("ctrl-z");
        await terminal.waitFor(/Stopped +\.\/wait/);
        await terminal.prompt();
        expect(stateOf(pid)).toBe("T");
        expect((await terminal.run("jobs")).output).toContain("./wait");
        terminal.type("fg");
        await terminal.waitFor(/went on/);
        terminal.press("ctrl-c");
        expect(await terminal.prompt()).toMatchObject({ status: 130 });
        await gone(pid);
      });

      test("sees the window's size change", async () => {
        await startWaiting();
        terminal.resize(101, 33);
        await terminal.waitFor(/33 rows, 101 columns/);
        terminal.press("ctrl-c");
        await terminal.prompt();
      });

      test("leaves nothing running by kill -9 of what the shell started", async () => {
        terminal.type("./wait &");
        const [, pid] = await terminal.waitFor(/process (\d+) now waiting/);
        await terminal.run("");
        await terminal.run("kill -9 %1; wait");
        await gone(Number(pid));
      });

      test("leaves nothing running when the window is closed", async () => {
        const pid = await startWaiting();
        await terminal.close();
        await gone(pid);
      });
    });

    test("is told by `qpod ps` what runs, and nothing of qpod's own", async () => {
      sandbox().program("stay", "echo ready; exec cat");
      const child = sandbox().start(["qpod-shell", "-c", "exec ./stay"]);
      await new Promise((resolve) => child.stdout?.once("data", resolve));
      expect(sandbox().pods()).toMatchObject([{ commands: [{ command: "cat" }] }]);
      const ended = new Promise((resolve) => child.once("close", resolve));
      child.stdin?.end();
      expect(await ended).toBe(0);
      expect(sandbox().pods()).toMatchObject([{ commands: [] }]);
    });

    test("is told by `qpod explain` how a command gets in", async () => {
      await sandbox().say("make --version");
      const { entry, joins, served } = JSON.parse(await sandbox().say("qpod explain --json make"));
      if (isServed)
        expect([entry, joins, served]).toEqual(["serving", undefined, expect.stringMatching(/\/served\/old-tool-[0-9a-f]+\/socket$/)]);
      else expect([entry, joins, served]).toEqual(["running", "user and mount namespaces", undefined]);
    });

    if (isServed) {
      test("is told by `qpod explain` why a command is served", async () => {
        await sandbox().say("make --version");
        expect(await sandbox().say("qpod explain make")).toMatch(
          /\n {2}because +the container may make no user namespace for you \(as asked for\)\n/,
        );
      });
    }

    test("is root in the pod as a member of the group only", async () => {
      expect(sandbox().command(["run", "--root", "id", "-u"])).toEqual({ status: 0, stdout: "0\n", stderr: "" });
      const { person, env, repository, qpod } = sandbox();
      const alone = ["--reuid", String(person.uid), "--regid", String(person.gid), "--clear-groups"];
      const { status, stdout, stderr } = spawnSync("setpriv", [...alone, qpod, "run", "--root", "id", "-u"], {
        cwd: repository,
        env,
        encoding: "utf8",
      });
      expect({ status, stdout, stderr }).toEqual({
        status: 125,
        stdout: "",
        stderr: "qpod: you may not be root in this pod\n  Log in as a member of the group of the engine's socket.\n",
      });
    });

    test("shares a folder with the pod that nobody else can open", () => {
      const [pod] = sandbox().pods();
      const folder = join(sandbox().env.XDG_RUNTIME_DIR ?? "", "qpod/served", pod?.id ?? "");
      expect(statSync(folder)).toMatchObject({ uid: sandbox().person.uid, mode: 0o40700 });
      expect(statSync(join(folder, "socket")).mode & 0o777).toBe(0o600);
    });
  },
  "members",
);
