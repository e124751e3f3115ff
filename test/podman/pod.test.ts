import {
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { anEnvironment } from "../support/an-environment.ts";
import { onlyFor } from "../support/only-for.ts";
import {
  bullseyeTarball,
  type Caller,
  callEngine,
  canRun,
  cleanUp,
  emptyTarball,
  inside,
  makeCallers,
  noteCalls,
  podman,
  runAs,
} from "./harness.ts";

const callers = canRun ? makeCallers() : [];

describe.each(callers)("podman, as $name", (caller: Caller) => {
  // A comma, a quote and a space: names that podman's own syntax gives a meaning.
  const tree = join(mkdtempSync(join(caller.home, "qpod-test-")), 'a, "b" tree');
  const environment = anEnvironment({
    name: "bullseye",
    place: { file: "/nowhere/bullseye.yaml", line: 1 },
    root: { kind: "archive", file: "" },
    path: "/qpod",
  });
  const worktree = { root: tree, gitDir: join(tree, ".git"), commonDir: join(tree, ".git") };
  const pod = { id: `test-${caller.uid}-${process.pid}`, worktree, environment, root: {}, definition: 1n };
  const start = () => {
    const answer = callEngine(caller, "start", pod);
    expect(answer.error).toBeUndefined();
    return answer.result as { pid: number; startTime: string };
  };
  const listed = () => callEngine(caller, "list", null).result.filter(({ id }: { id: string }) => id === pod.id);
  let pid = 0;

  beforeAll(() => {
    // By a name of this run's: another run at the same time has, and removes, an image of its own.
    environment.root.file = join(caller.env.QPOD_TEST_FOLDER ?? "", "bullseye.tar");
    symlinkSync(bullseyeTarball(), environment.root.file);
    mkdirSync(worktree.gitDir, { recursive: true });
    writeFileSync(join(tree, "hello"), "from the work tree\n");
    runAs({ ...caller, uid: 0, gid: 0 }, ["chown", "-R", `${caller.uid}:${caller.gid}`, join(tree, "..")]);
    const prepared = callEngine(caller, "prepare", environment);
    expect(prepared.error).toBeUndefined();
    pod.root = prepared.result;
  }, 300_000);

  afterAll(() => {
    cleanUp(caller, [pod.id], [(pod.root as { imageId: string }).imageId]);
    runAs(caller, ["rm", "-rf", join(tree, "..")]);
  }, 60_000);

  it("finds the programs and the locales of an image without running anything of it", () => {
    expect(pod.root).toMatchObject({
      programs: expect.arrayContaining(["dpkg", "sh", "tar"]),
      locales: expect.arrayContaining(["C.UTF-8"]),
    });
  });

  it("finds a prepared image at hand the second time", () => {
    const again = callEngine(caller, "prepare", environment);
    expect(again.result.imageId).toBe((pod.root as { imageId: string }).imageId);
    expect(again.said).toEqual(["looking into bullseye"]);
  }, 30_000);

  it("starts a pod whose first process is the launcher", () => {
    ({ pid } = start());
    expect(readFileSync(`/proc/${pid}/cmdline`, "utf8")).toBe(
      ["/.qpod/launch", "hold", ...(caller.uid === 0 ? [] : [caller.uid, caller.gid]), ""].join("\0"),
    );
  }, 30_000);

  it("shows the work tree at its own path and at the fixed one", () => {
    expect(inside(caller, pid, "cat", join(tree, "hello"), "/qpod/hello").stdout).toBe("from the work tree\n".repeat(2));
    inside(caller, pid, "touch", join(tree, "made-inside"));
    expect(statSync(join(tree, "made-inside")).uid).toBe(caller.uid);
  });

  it("has the host's terminals, shared memory, processes and temporary folder", () => {
    const shared = join("/dev/shm", `qpod-test-${process.pid}-${caller.uid}`);
    inside(caller, pid, "touch", shared);
    expect(existsSync(shared)).toBe(true);
    runAs(caller, ["rm", shared]);
    expect(inside(caller, pid, "stat", "-f", "-c", "%T", "/dev/pts").stdout.trim()).toBe("devpts");
    expect(inside(caller, pid, "readlink", "/proc/self/exe").status).toBe(0);
    expect(inside(caller, pid, "test", "-d", `/proc/${process.pid}`).status).toBe(0);
    const folder = mkdtempSync(join(tmpdir(), "qpod-visible-"));
    chownSync(folder, caller.uid, caller.gid);
    expect(inside(caller, pid, "rmdir", folder).status).toBe(0);
    expect(inside(caller, pid, "script", "-qc", "tty", "/dev/null").stdout).toMatch(/^\/dev\/pts\/\d+/);
  });

  it("has an empty home folder that keeps what is put there", () => {
    inside(caller, pid, "touch", join(caller.home, "from-inside"));
    expect(readdirSync(join(caller.env.XDG_DATA_HOME ?? "", "qpod/homes", pod.id))).toContain("from-inside");
    expect(existsSync(join(caller.home, "from-inside"))).toBe(false);
  });

  it("knows the user by name", () => {
    expect(inside(caller, pid, "getent", "passwd", caller.name).stdout).toMatch(new RegExp(`^${caller.name}:x:${caller.uid}:`));
  });

  it("lists the pod with the start time that the kernel says", () => {
    expect(listed()).toMatchObject([{ pid, startTime: expect.stringMatching(/^\d+$/) }]);
  });

  it("finds a running pod again when its files were lost", () => {
    expect(start().pid).toBe(pid);
  }, 30_000);

  it("keeps what was changed inside when the first process was killed", () => {
    inside(caller, pid, "touch", "/installed-inside");
    runAs(caller, ["kill", "-KILL", String(pid)]);
    const again = start();
    expect(again.pid).not.toBe(pid);
    pid = again.pid;
    expect(inside(caller, pid, "test", "-e", "/installed-inside").status).toBe(0);
  }, 30_000);

  it("stops at once, and starts again with the changes", () => {
    const stopped = callEngine(caller, "stop", pod.id);
    expect(stopped.error).toBeUndefined();
    expect(stopped.milliseconds).toBeLessThan(1900);
    expect(listed()).toEqual([]);
    pid = start().pid;
    expect(inside(caller, pid, "test", "-e", "/installed-inside").status).toBe(0);
  }, 30_000);

  it("lets what runs inside go on when the pod is stopped", () => {
    const script = `(sleep 2; cat '${tree}/hello' > /tmp/qpod-went-on-${caller.uid}) & echo $!`;
    inside(caller, pid, "sh", "-c", `${script.replace(" & ", " </dev/null >/dev/null 2>&1 & ")}`);
    callEngine(caller, "stop", pod.id);
    const seen = runAs(caller, ["sh", "-c", `sleep 3; cat /tmp/qpod-went-on-${caller.uid}; rm -f /tmp/qpod-went-on-${caller.uid}`]);
    expect(seen.stdout).toBe("from the work tree\n");
  }, 30_000);

  it("makes the container anew when the old one cannot be started", () => {
    // A stopped container without its mount's source does not start.
    podman(caller, "rm", "--force", `qpod-${pod.id}`);
    podman(caller, "create", "--name", `qpod-${pod.id}`, "--pull=never", (pod.root as { imageId: string }).imageId, "/nothing-there");
    pid = start().pid;
    expect(inside(caller, pid, "test", "-e", join(tree, "hello")).status).toBe(0);
  }, 30_000);

  it("calls podman once for a new container, though somebody removed the one before", () => {
    podman(caller, "rm", "--force", "--time", "0", `qpod-${pod.id}`);
    const { calls, env } = noteCalls(caller);
    const { result, error } = callEngine(caller, "start", pod, env);
    expect(error).toBeUndefined();
    pid = result.pid;
    expect(calls().filter((name) => name !== "info")).toEqual(["run"]);
    expect(inside(caller, pid, "test", "-e", join(tree, "hello")).status).toBe(0);
  }, 30_000);

  it("starts an image that has nothing in it", () => {
    const file = emptyTarball();
    const empty = { ...environment, name: "empty", root: { kind: "archive", file } };
    const root = callEngine(caller, "prepare", empty).result;
    expect(root).toMatchObject({ programs: [], config: { env: {} } });
    const id = `${pod.id}-empty`;
    const { result, error } = callEngine(caller, "start", { ...pod, id, environment: empty, root });
    expect(error).toBeUndefined();
    expect(result.pid).toBeGreaterThan(1);
    callEngine(caller, "remove", id);
    podman(caller, "rmi", root.imageId);
    rmSync(dirname(file), { recursive: true });
  }, 30_000);

  it("loads an image that was saved, with its configuration", () => {
    const { imageId } = pod.root as { imageId: string };
    const file = join(caller.env.XDG_DATA_HOME ?? "", "saved.tar");
    podman(caller, "save", "--quiet", "--format", "docker-archive", "--output", file, imageId);
    const answer = callEngine(caller, "prepare", { ...environment, root: { kind: "archive", file } });
    expect(answer.error).toBeUndefined();
    expect(answer.said[0]).toBe(`loading ${file}`);
    expect(answer.result.imageId).toBe(imageId);
  }, 60_000);

  it("builds a containerfile, and shows the step that failed", () => {
    const { imageId } = pod.root as { imageId: string };
    const context = join(caller.env.XDG_DATA_HOME ?? "", "context");
    const file = join(context, "Containerfile");
    const build = (last: string) => {
      writeFileSync(file, `FROM ${imageId}\nENV TOOLS=2018\nRUN ${last}\n`);
      return callEngine(caller, "prepare", { ...environment, root: { kind: "containerfile", file, context } });
    };
    mkdirSync(context);
    chownSync(context, caller.uid, caller.gid);
    const built = build("ln -s dpkg /usr/bin/made-by-the-build");
    expect(built.error).toBeUndefined();
    expect(built.result).toMatchObject({ config: { env: { TOOLS: "2018" } }, programs: expect.arrayContaining(["made-by-the-build"]) });
    expect(built.said).toContain("  STEP 3/3: RUN ln -s dpkg /usr/bin/made-by-the-build");
    expect(build("false").error).toMatch(/building .*Containerfile failed: .*false.*\n {2}See all of it: podman build/);
    podman(caller, "rmi", "--force", built.result.imageId);
  }, 60_000);

  // Root's store is qpod's too.
  onlyFor(caller.uid !== 0)(
    "takes an image from the user's own store when qpod has another",
    () => {
      const file = emptyTarball();
      const reference = "localhost/of-the-user:1";
      expect(runAs(caller, ["podman", "import", "--quiet", file, reference]).status).toBe(0);
      const answer = callEngine(caller, "prepare", { ...environment, root: { kind: "image", reference } });
      expect(answer.error).toBeUndefined();
      runAs(caller, ["podman", "rmi", reference]);
      rmSync(dirname(file), { recursive: true });
    },
    30_000,
  );

  it("says which mount of the definition has no source", () => {
    const mounts = [{ source: "/not/there", target: "/opt/x", readOnly: true }];
    const answer = callEngine(caller, "start", { ...pod, id: "never", environment: { ...environment, mounts } });
    expect(answer.error).toBe(
      "qpod: /nowhere/bullseye.yaml:1: /not/there, which environment bullseye mounts, does not exist\n" +
        "  Make it, or remove the mount from the environment.",
    );
  });

  it("says how much the pod holds, and removes it", () => {
    inside(caller, pid, "dd", "if=/dev/zero", "of=/big", "bs=1M", "count=3");
    expect(callEngine(caller, "measure", pod.id).result).toBeGreaterThan(3_000_000);
    expect(callEngine(caller, "remove", pod.id).error).toBeUndefined();
    expect(podman(caller, "ps", "--all", "--quiet", "--filter", `label=io.qpod.id=${pod.id}`)).toBe("");
    expect(existsSync(join(caller.env.XDG_DATA_HOME ?? "", "qpod/homes", pod.id))).toBe(false);
  }, 30_000);
});

if (callers.length === 0) it.skip("pods of podman: needs root, podman and mmdebstrap");
