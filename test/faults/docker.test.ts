import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { nativeFile } from "../../src/launch/locate.ts";
import { whyNoDocker } from "../support/docker-daemon.ts";
import { copyInstallation, type Installation } from "../support/installation.ts";
import { findPeople } from "../support/person.ts";
import { findSettings, Sandbox } from "../support/sandbox.ts";
import { expectError } from "./fault.ts";

const member = findSettings("members").find(({ isServed, isPodmans }) => !isServed && !isPodmans);
const reason = whyNoDocker();
if (reason) test.skip(`faults of docker: ${reason}`);

describe.runIf(member)("on docker", () => {
  let installation: Installation;
  let sandbox: Sandbox;

  beforeAll(async () => {
    if (!member) return;
    installation = copyInstallation();
    sandbox = new Sandbox(member, installation);
    await sandbox.furnish("", { own: true });
    sandbox.program("tell", "id -un");
  });

  afterAll(() => {
    sandbox?.remove();
    installation?.remove();
  });

  const docker = (...args: string[]) => {
    const { status, stdout, stderr } = spawnSync("docker", args, { encoding: "utf8", env: { ...process.env, ...sandbox.env } });
    if (status !== 0) throw new Error(`docker ${args[0]}: ${stderr}`);
    return stdout.trim();
  };

  test("an image that was removed is got again by `qpod up`, as the message says", async () => {
    await sandbox.say("./tell");
    const [pod] = sandbox.pods();
    const image = docker("container", "inspect", "--format", "{{.Image}}", `qpod-${pod?.id}`);
    docker("rm", "--force", `qpod-${pod?.id}`);
    docker("rmi", "--force", image);
    expectError(await sandbox.session("./tell"), 125, /docker cannot start environment old: .*no such image/i, "get it again: qpod up old");
    expect(sandbox.command(["up"])).toMatchObject({ status: 0, stderr: "" });
    expect(await sandbox.say("./tell")).toBe(sandbox.person.name);
  });

  test("a daemon that does not run is told of, and no other engine is taken", () => {
    const env = { DOCKER_HOST: `unix://${join(sandbox.folder, "no.sock")}` };
    sandbox.define("other");
    const outcome = sandbox.command(["run", "--env", "other", "true"], { env });
    expectError(
      outcome,
      125,
      /asks for docker, which cannot serve it: docker does not work here: .*no\.sock/,
      "`docker info` must succeed first",
    );
  });

  test("who is not in its group is told how to be", () => {
    const other = findPeople().at(-1) ?? sandbox.person;
    const theirs = new Sandbox({ engine: "docker", person: other, title: "" }, installation);
    try {
      theirs.makeRepository();
      theirs.write("home/.config/qpod/environments/old.yaml", "image: registry.example.com/old\nengine: docker\n");
      const outcome = theirs.command(["run", "--env", "old", "true"]);
      expectError(outcome, 125, "permission denied", `sudo usermod --append --groups docker ${other.name}\n`);
    } finally {
      theirs.remove();
    }
  });

  test("a container that may make no user namespace serves, and says why", async () => {
    await sandbox.say("./tell");
    const [pod] = sandbox.pods();
    const image = docker("container", "inspect", "--format", "{{.Image}}", `qpod-${pod?.id}`);
    const folder = sandbox.makeFolder("served");
    const binds = [`${nativeFile("qpod-launch")}:/.qpod/launch:ro`, `${folder}:/.qpod/serve`].flatMap((bind) => ["--volume", bind]);
    const ids = [sandbox.person.uid, sandbox.person.gid, 0].map(String);
    // With docker's own filter of system calls.
    const options = ["--detach", "--pid=host", "--network=host", "--userns=host", "--ulimit", "nofile=1024:1024", ...binds];
    const container = docker("run", ...options, "--entrypoint", "/.qpod/launch", image, "attend", ...ids);
    try {
      const note = await vi.waitFor(() => readFileSync(join(folder, "first"), "utf8"), { timeout: 20_000, interval: 10 });
      expect(note).toMatch(/^\d+ \d+ [1-9]\d+ Operation not permitted\n$/);
    } finally {
      docker("rm", "--force", container);
    }
  });
});
