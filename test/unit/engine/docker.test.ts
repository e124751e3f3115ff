import { describe, expect, it } from "vitest";
import { sayError } from "../../../src/engine/container-call.ts";
import { dockerEngine } from "../../../src/engine/docker.ts";
import { lookArguments, runArguments } from "../../../src/engine/docker-arguments.ts";
import { isMissing } from "../../../src/engine/docker-call.ts";
import { type DockerInfo, dockerVariables, judgeDocker } from "../../../src/engine/docker-facts.ts";
import { anEnvironment } from "../../support/an-environment.ts";
import { aHost } from "./a-host.ts";
import { paths } from "./a-pod.ts";

describe("runArguments of docker", () => {
  const plan = {
    id: "old-1",
    imageId: "abc",
    launcher: "/l/qpod-launch",
    mounts: [{ source: "/dev", target: "/dev", readOnly: false, optional: false, kind: "system" as const }],
    labels: { "io.qpod.id": "old-1" },
    limits: ["nofile=1:2"],
    job: ["hold"],
  };

  it("share what the host has, and end with the image and the job", () => {
    const args = runArguments(plan);
    expect(args).toEqual(
      expect.arrayContaining(["--pid=host", "--network=host", "--ipc=host", "--userns=host", "nofile=1:2", "io.qpod.id=old-1"]),
    );
    expect(args.slice(-4)).toEqual(["--entrypoint", "/.qpod/launch", "abc", "hold"]);
    expect(args.filter((arg) => arg.startsWith("type=bind"))).toEqual([
      "type=bind,source=/l/qpod-launch,target=/.qpod/launch,readonly",
      "type=bind,source=/dev,target=/dev",
    ]);
  });

  it("look into an image as the user, who may then read the process's folder", () => {
    const args = lookArguments("abc", "/l/qpod-launch", [], { uid: 1000, gid: 1001 });
    expect(args[args.indexOf("--user") + 1]).toBe("1000:1001");
  });
});

describe("judgeDocker", () => {
  const judge = (info: DockerInfo | string, endpoint = "unix:///run/d.sock", stderr = "") =>
    judgeDocker(aHost(), "/usr/bin/docker", { stdout: typeof info === "string" ? info : JSON.stringify(info), stderr, endpoint });

  it("takes a daemon of this machine", () => {
    expect(judge({ ServerVersion: "20.10.24", Driver: "overlay2", SecurityOptions: ["name=seccomp,profile=default"] })).toEqual({
      program: "/usr/bin/docker",
      version: "20.10.24",
      socket: "/run/d.sock",
      group: 0,
      storageDriver: "overlay2",
    });
  });

  it.each([
    ["of another machine", { ServerVersion: "1" }, "tcp://there:2375", "", "docker's daemon is at tcp://there:2375"],
    ["that runs rootless", { ServerVersion: "1", SecurityOptions: ["name=rootless"] }, undefined, "", "runs rootless"],
    ["that does not run", { ServerErrors: ["Cannot connect to the Docker daemon at x."] }, undefined, "", "Cannot connect to the Docker"],
    ["whose client is broken", "", undefined, "docker: what is this?\nSee 'docker --help'.", "docker does not work here: what is this?"],
  ])("refuses one %s", (_, info, endpoint, stderr, fact) => {
    expect(() => judge(info as DockerInfo, endpoint, stderr)).toThrow(fact);
  });

  it("says how to be let in", () => {
    const words = "permission denied while trying to connect to the Docker daemon socket";
    expect(() => judge({ ServerErrors: [words] })).toThrow(
      expect.objectContaining({ remedy: expect.stringContaining("usermod --append --groups docker u") }),
    );
  });
});

describe("what docker says", () => {
  it("is told without what is not the error", () => {
    expect(sayError("docker: Error response from daemon: no space left.\nSee 'docker run --help'.\n")).toBe("no space left.");
    expect(sayError("docker: Error response from daemon: no space left.\n\nRun 'docker run --help' for more information\n")).toBe(
      "no space left.",
    );
    expect(sayError("Trying\nError: short-name\n")).toBe("short-name");
  });

  it("of a container that is not there is no failure", () => {
    expect(isMissing({ status: 1, stderr: "Error: No such container: qpod-x" })).toBe(true);
    expect(isMissing({ status: 1, stderr: "Cannot connect" })).toBe(false);
    expect(isMissing({ status: 0, stderr: "" })).toBe(false);
  });
});

describe("dockerEngine where docker is not installed", () => {
  const engine = dockerEngine(paths, aHost());

  it("is not able, and says so with a remedy", async () => {
    expect(await engine.assess(anEnvironment())).toEqual({
      able: false,
      reason: "docker is not installed",
      remedy: "Install the package docker.io.",
    });
  });

  it("has no pods, and nothing to remove", async () => {
    expect(await engine.list()).toEqual([]);
    expect(await engine.measure("old-1")).toBe(0);
    await engine.remove("old-1");
  });
});

describe("dockerVariables", () => {
  it("take podman's socket where no other is named", () => {
    const podmans = { CONTAINER_HOST: "unix:///run/podman/podman.sock" };
    expect(dockerVariables(podmans)).toEqual({ ...podmans, DOCKER_HOST: "unix:///run/podman/podman.sock" });
    const both = { ...podmans, DOCKER_HOST: "unix:///run/docker.sock" };
    expect(dockerVariables(both)).toBe(both);
    const remote = { CONTAINER_HOST: "ssh://there/run/podman/podman.sock" };
    expect(dockerVariables(remote)).toBe(remote);
  });
});
