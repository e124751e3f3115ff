import { existsSync, readlinkSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { copyInstallation, type Installation } from "../support/installation.ts";
import { findSettings, Sandbox } from "../support/sandbox.ts";

const tell = "readlink /proc/self/ns/mnt";

let installation: Installation;

beforeAll(() => {
  installation = copyInstallation();
});

afterAll(() => installation.remove());

// Served commands end with their pod, as nothing else keeps what they need.
const settings = findSettings("main").filter(({ isServed }) => !isServed);

describe.each(settings)("pods ($title)", (setting) => {
  let sandbox: Sandbox;

  beforeAll(async () => {
    sandbox = new Sandbox(setting, installation);
    await sandbox.furnish("", { own: true });
    sandbox.program("tell", tell);
  });

  afterAll(() => sandbox.remove());

  /** Until then it can still be entered. */
  async function end(pid: number): Promise<void> {
    process.kill(pid, "SIGKILL");
    await vi.waitFor(() => expect(() => namespaceOf(pid)).toThrow(), { interval: 1 });
  }

  const namespaceOf = (pid: number) => readlinkSync(`/proc/${pid}/ns/mnt`);

  test("are started once for twenty first commands at the same moment", async () => {
    const script = "for i in $(seq 20); do ./tell & done; wait";
    const lines = (await sandbox.say(script)).split("\n");
    expect(lines).toHaveLength(20);
    const pods = sandbox.pods();
    expect(pods).toMatchObject([{ environment: "old", worktree: sandbox.repository, commands: [] }]);
    expect(new Set(lines)).toEqual(new Set([namespaceOf(pods[0]?.pid ?? 0)]));
  });

  test("serve sessions and `qpod run` alike", async () => {
    const [pod] = sandbox.pods();
    expect(sandbox.command(["run", "./tell"])).toEqual({ status: 0, stdout: `${namespaceOf(pod?.pid ?? 0)}\n`, stderr: "" });
    expect(sandbox.command(["up"]).stdout).toContain(`old is up (pod ${pod?.id}, ${setting.engine} engine)`);
    expect(sandbox.pods()).toEqual([pod]);
  });

  test("keep what root changed in them, also when they were down", async () => {
    expect(sandbox.command(["run", "--root", "sh", "-c", "id -u; id -g; touch /etc/made-by-root; chmod 644 /etc/made-by-root"])).toEqual({
      status: 0,
      stdout: "0\n0\n",
      stderr: "",
    });
    sandbox.program("look", "stat -c %a /etc/made-by-root; id -u");
    const seen = `644\n${sandbox.person.uid}`;
    expect(await sandbox.say("./look")).toBe(seen);
    expect(existsSync("/etc/made-by-root")).toBe(false);
    const first = sandbox.pods()[0]?.pid;
    expect(sandbox.command(["down"]).stdout).toMatch(/^ended old-tool-\S+\n$/);
    expect(sandbox.pods()).toEqual([]);
    expect(await sandbox.say("./look")).toBe(seen);
    expect(sandbox.pods()[0]?.pid).not.toBe(first);
  });

  test("are told about: what runs in them", async () => {
    sandbox.program("wait", "echo ready; exec cat");
    const child = sandbox.start(["qpod-shell", "-c", "exec ./wait"]);
    await new Promise((resolve) => child.stdout?.once("data", resolve));
    expect(sandbox.pods()).toMatchObject([{ commands: [{ pid: child.pid, command: "cat" }] }]);
    const ended = new Promise((resolve) => child.once("close", resolve));
    child.stdin?.end();
    expect(await ended).toBe(0);
    expect(sandbox.pods()).toMatchObject([{ commands: [] }]);
  });

  describe("whose definition changes", () => {
    afterEach(() => {
      sandbox.define("old");
    });

    test("serve the next command anew, while a running one keeps its own", async () => {
      const mounted = sandbox.makeFolder("mounted");
      sandbox.program(
        "twice",
        `echo "$NEW $(test -d ${mounted} && echo mounted) $(${tell})"; read line; test -d ${mounted} || echo still without; ${tell}`,
      );
      const child = sandbox.start(["qpod-shell", "-c", "exec ./twice"]);
      let said = "";
      await new Promise<void>((resolve) =>
        child.stdout?.on("data", (chunk) => {
          said += chunk;
          resolve();
        }),
      );
      const old = /mnt:\[\d+\]/.exec(said)?.[0] ?? "";
      sandbox.write("home/editor", `#!/bin/sh\necho 'mounts: [${mounted}]' >> "$1"\n`, 0o755);
      expect(sandbox.command(["env", "edit", "old"], { env: { EDITOR: join(sandbox.home, "editor"), VISUAL: "" } })).toMatchObject({
        status: 0,
        stderr: "",
      });
      const answer = await sandbox.say("echo | ./twice");
      expect(answer).toMatch(/^ mounted mnt:/);
      expect(answer).not.toContain(old);
      const ended = new Promise((resolve) => child.once("close", resolve));
      child.stdin?.end("\n");
      await ended;
      expect(said.split("\n").slice(1)).toEqual(["still without", old, ""]);
    });

    test("keep their pod when only variables change", async () => {
      await sandbox.say("qpod refresh; ./tell");
      const before = sandbox.pods().map(({ pid }) => pid);
      sandbox.program("new", "echo $NEW");
      sandbox.define("old", "variables: {set: {NEW: value}}\n");
      expect(await sandbox.say("qpod refresh; ./new")).toBe("value");
      expect(sandbox.pods().map(({ pid }) => pid)).toEqual(before);
    });

    test("by hand, are served so from the next command on", async () => {
      sandbox.program("new", "echo $NEW");
      await sandbox.say("./new");
      await sandbox.say(`echo 'variables: {set: {NEW: by hand}}' >> ~/.config/qpod/environments/old.yaml`);
      expect(await sandbox.say("./new")).toBe("by hand");
    });
  });

  test("that were killed between two commands are started again", async () => {
    await sandbox.say("./tell");
    const killed = sandbox.pods().map(({ pid }) => pid);
    await Promise.all(killed.map(end));
    const namespace = await sandbox.say("./tell");
    const left = sandbox.pods();
    expect(left).toHaveLength(1);
    expect(killed).not.toContain(left[0]?.pid);
    expect(namespace).toBe(namespaceOf(left[0]?.pid ?? 0));
  });

  test("that are killed under a command let it go on, and the next one gets a new pod", async () => {
    sandbox.program("wait", "echo ready; exec cat");
    const child = sandbox.start(["qpod-shell", "-c", "exec ./wait"]);
    await new Promise((resolve) => child.stdout?.once("data", resolve));
    const killed = sandbox.pods()[0]?.pid ?? 0;
    await end(killed);
    expect(await sandbox.say("./tell")).not.toBe(namespaceOf(child.pid ?? 0));
    expect(sandbox.pods().map(({ pid }) => pid)).not.toContain(killed);
    const rest = new Promise((resolve) => child.stdout?.once("data", resolve));
    const ended = new Promise((resolve) => child.once("close", resolve));
    child.stdin?.end("goes on\n");
    expect(String(await rest)).toBe("goes on\n");
    expect(await ended).toBe(0);
  });

  test("end with `qpod down --all`, and what runs in them goes on", async () => {
    sandbox.program("wait", "echo ready; exec cat");
    const child = sandbox.start(["qpod-shell", "-c", "exec ./wait"]);
    await new Promise((resolve) => child.stdout?.once("data", resolve));
    expect(sandbox.command(["down", "--all"]).stdout).toMatch(/; 1 commands? still runs? in it\n/);
    const rest = new Promise((resolve) => child.stdout?.once("data", resolve));
    child.stdin?.end("goes on\n");
    expect(String(await rest)).toBe("goes on\n");
    expect(sandbox.pods()).toEqual([]);
  });
});
