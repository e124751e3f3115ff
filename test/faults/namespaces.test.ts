import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { copyInstallation, type Installation } from "../support/installation.ts";
import { findPeople } from "../support/person.ts";
import type { Outcome, Sandbox } from "../support/sandbox.ts";
import { expectPod, expectRefusal, halfWritten, isRoot, settle } from "./refusals.ts";

/** Only root can take user namespaces away from somebody. */
describe.skipIf(!isRoot)("an ordinary user of a system without user namespaces", () => {
  let installation: Installation;
  let sandbox: Sandbox;

  beforeAll(async () => {
    installation = copyInstallation();
    sandbox = await settle(findPeople().at(-1) ?? { name: "", uid: 0, gid: 0 }, installation);
  });

  afterAll(() => {
    sandbox.remove();
    installation.remove();
  });

  /** The limit counts in the user namespace in which it is set, and in all below: ours is one with every id in it. */
  async function restricted(argv: string[]): Promise<Outcome> {
    const { uid, gid } = sandbox.person;
    const inside = `echo 0 > /proc/sys/user/max_user_namespaces && exec setpriv --reuid ${uid} --regid ${gid} --clear-groups -- "$@"`;
    // The second sh has root's rights in the namespace, which exec gives once the ids are mapped.
    const script = `echo ready; read go; exec sh -c '${inside}' sh "$@"`;
    const child = spawn("unshare", ["-U", "sh", "-c", script, "sh", ...argv], { cwd: sandbox.repository, env: sandbox.env });
    const said = { stdout: "", stderr: "" };
    child.stderr.on("data", (chunk) => (said.stderr += chunk));
    const ended = once(child, "close");
    await new Promise<void>((resolve) =>
      child.stdout.on("data", (chunk) => {
        said.stdout += chunk;
        resolve();
      }),
    );
    for (const map of ["uid_map", "gid_map"]) writeFileSync(`/proc/${child.pid}/${map}`, "0 0 4294967295");
    child.stdin.end("go\n");
    const [status] = await ended;
    return { status, stdout: said.stdout.replace("ready\n", ""), stderr: said.stderr };
  }

  const error = /^qpod: .*user namespaces.*user\.max_user_namespaces=0\n {2}sudo sysctl -w user\.max_user_namespaces=15000\n$/;

  test("really is one", async () => {
    expect((await restricted(["unshare", "-U", "true"])).stderr).toMatch(/unshare failed: No space left on device/);
  });

  test.each([["make"], ["./tell"]])("is told so instead of getting the host's tool: %s", async (command) => {
    expectRefusal(await restricted(["qpod-shell", "-c", command]), error);
    expect(halfWritten(sandbox.folder)).toEqual([]);
  });

  test("tries a command's changes out by proot, which needs none", async () => {
    const { status, stdout, stderr } = await restricted([
      "qpod",
      "scratch",
      "--",
      "sh",
      "-c",
      "echo on trial > new; mkdir in; cd in; cat $PWD/../new; ls -l $PWD/../new > /dev/null",
    ]);
    expect([status, stdout, stderr]).toEqual([0, "on trial\n", ""]);
    expect(sandbox.command(["scratch", "list", "--json"]).stdout).toContain('"way":"proot"');
    expect(sandbox.command(["scratch", "diff", "--stat"]).stdout).toBe("A  in/\nA  new\n");
    expect(sandbox.command(["scratch", "drop"]).status).toBe(0);
  });

  test("is told so by qpod run, up and status", async () => {
    expectRefusal(await restricted(["qpod", "run", "make"]), error);
    expectRefusal(await restricted(["qpod", "up"]), error);
    expect((await restricted(["qpod", "status"])).stdout).toMatch(/max_user_namespaces=0/);
  });

  test("is told the remedy by qpod doctor", async () => {
    const { status, stdout } = await restricted(["qpod", "doctor"]);
    expect(status).toBe(1);
    expect(stdout).toMatch(
      /^PROBLEM {2}user namespaces: forbidden by user\.max_user_namespaces=0\n {9}sudo sysctl -w user\.max_user_namespaces=15000$/m,
    );
  });

  test("gets a clear error when they are taken away after the policy was made", async () => {
    expectPod(sandbox.command(["shell", "-c", "make"]));
    sandbox.command(["down"]);
    const launch = await restricted([join(sandbox.env.XDG_RUNTIME_DIR ?? "", "qpod/shims/make")]);
    expectRefusal(launch, /^qpod: cannot make a user namespace: .*\n {2}.*(?:max_user_namespaces|qpod doctor).*\n$/);
    expect(sandbox.pods()).toEqual([]);
  });

  test("has the environment again when they are allowed again", () => {
    expectPod(sandbox.command(["shell", "-c", "make"]));
  });
});
