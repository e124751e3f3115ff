import type { ChildProcess } from "node:child_process";
import { existsSync, readlinkSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { copyInstallation, type Installation } from "../support/installation.ts";
import { findSettings, Sandbox } from "../support/sandbox.ts";

const settings = findSettings().filter(({ engine, person }) => (engine === "embedded") === (person.uid === 0));

let installation: Installation;

beforeAll(() => {
  installation = copyInstallation();
});

afterAll(() => installation.remove());

/** A command that was started and runs until it is let go on; what it says is gathered. */
interface Build {
  said(): string;
  finish(): Promise<string>;
}

describe.each(settings)("while a build runs, a change ($title)", (setting) => {
  let sandbox: Sandbox;

  beforeAll(async () => {
    sandbox = new Sandbox(setting, installation);
    await sandbox.furnish("", { own: true });
    sandbox.program("build", 'echo "$NAME $(readlink /proc/self/ns/mnt)"; read line; echo "$NAME $(readlink /proc/self/ns/mnt)"');
  });

  afterAll(() => sandbox.remove());

  async function startBuild(): Promise<Build> {
    const child: ChildProcess = sandbox.start(["qpod-shell", "-c", "exec ./build"]);
    let said = "";
    child.stdout?.on("data", (chunk) => (said += chunk));
    const ended = new Promise((resolve) => child.once("close", resolve));
    await vi.waitFor(() => expect(said).toContain("\n"), { interval: 5, timeout: 60_000 });
    return {
      said: () => said.trimEnd(),
      finish: async () => {
        child.stdin?.end("\n");
        expect(await ended).toBe(0);
        return said.split("\n")[1] ?? "";
      },
    };
  }

  const states = () => JSON.parse(sandbox.must([sandbox.qpod, "ps", "--json"])).map((pod: { superseded: boolean }) => pod.superseded);
  const build = () => sandbox.say("echo | ./build | head -1");

  test("of the environment lets it finish in its pod; the next command has a new one, and the old one goes when it is idle", async () => {
    const running = await startBuild();
    const folder = sandbox.makeFolder("more");
    sandbox.define("old", `mounts: [${folder}]\nvariables: {set: {NAME: new}}\n`);
    const next = await build();
    expect(next).toMatch(/^new mnt:/);
    expect(next).not.toBe(`new ${running.said()}`);
    expect(states().sort()).toEqual([false, true]);
    expect(sandbox.must([sandbox.qpod, "ps"])).toMatch(/superseded +\d+ /);
    // It was written before the change, and its variables are as they were.
    expect(await running.finish()).toBe(running.said().split("\n")[0]);
    expect(states()).toEqual([false]);
    expect(await build()).toBe(next);
  });

  test("of the environment ends an idle pod with the next command", async () => {
    await build();
    const [before] = sandbox.pods();
    sandbox.define("old", "mounts: [/opt]\n");
    await build();
    await vi.waitFor(() => expect(existsSync(`/proc/${before?.pid}`)).toBe(false), { interval: 5, timeout: 10_000 });
    expect(sandbox.pods()).toHaveLength(1);
  });

  test("of the branch lets it finish where it began; the next command is of the other branch's environment", async () => {
    sandbox.define("other", "variables: {set: {NAME: other}}\n");
    sandbox.define("old", "variables: {set: {NAME: old}}\n");
    sandbox.must([sandbox.qpod, "init", "other", "--branch", "release/*"]);
    const running = await startBuild();
    expect(running.said()).toMatch(/^old /);
    sandbox.must(["git", "checkout", "--quiet", "-b", "release/1"]);
    expect(await build()).toMatch(/^other mnt:/);
    // Nothing is superseded: the other branch may be taken again.
    expect(states()).toEqual([false, false]);
    expect(await running.finish()).toBe(running.said().split("\n")[0]);
    sandbox.must(["git", "checkout", "--quiet", "main"]);
    expect(await build()).toBe(running.said().split("\n")[0]);
  });

  test("of the binding supersedes its pod, and `qpod down` names what still runs", async () => {
    const running = await startBuild();
    const pod = sandbox.pods().find(({ commands }) => commands.length > 0);
    sandbox.must([sandbox.qpod, "init", "other"]);
    sandbox.must([sandbox.qpod, "env", "remove", "old"]);
    expect(await build()).toMatch(/^other mnt:/);
    expect(states().sort()).toEqual([false, true]);
    expect(sandbox.must([sandbox.qpod, "down"])).toContain(`ended ${pod?.id}; 1 command still runs in it\n`);
    expect(await running.finish()).toBe(running.said().split("\n")[0]);
    expect(() => readlinkSync(`/proc/${pod?.pid}/ns/mnt`)).toThrow();
  });
});
