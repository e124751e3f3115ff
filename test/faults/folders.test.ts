import { chmodSync, chownSync, existsSync, lstatSync, mkdirSync, readlinkSync, rmSync, statSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { copyInstallation, type Installation } from "../support/installation.ts";
import { strangerUser } from "../support/ordinary-user.ts";
import type { Sandbox } from "../support/sandbox.ts";
import { expectPod, expectRefusal, isRoot, settle } from "./refusals.ts";

/** Only root can plant what belongs to somebody else. */
describe.skipIf(!isRoot)("a runtime folder that is not the user's own", () => {
  const person = isRoot ? strangerUser() : { name: "", uid: 0, gid: 0 };
  const planted = `/tmp/qpod-${person.uid}`;
  let installation: Installation;
  let sandbox: Sandbox;
  let without: Record<string, string>;

  beforeAll(async () => {
    installation = copyInstallation();
    rmSync(planted, { recursive: true, force: true });
    sandbox = await settle(person, installation);
    without = { XDG_RUNTIME_DIR: "" };
  });

  afterEach(() => {
    sandbox.command(["down", "--all"], { env: without });
    rmSync(planted, { recursive: true, force: true });
  });

  afterAll(() => {
    sandbox.remove();
    installation.remove();
  });

  const make = (env: Record<string, string>) => sandbox.command(["shell", "-c", "make"], { env });

  test.each([
    ["unset", () => ""],
    ["somebody else's", () => "/root"],
    ["open to others", () => open(sandbox.makeFolder("open"))],
    ["missing", () => "/nowhere/at/all"],
    ["relative", () => "run"],
  ])("is passed over when XDG_RUNTIME_DIR is %s: a private one in /tmp is made", (_, folder) => {
    expectPod(make({ XDG_RUNTIME_DIR: folder() }));
    expect(statSync(planted)).toMatchObject({ uid: person.uid });
    expect(statSync(planted).mode & 0o7777).toBe(0o700);
  });

  function open(path: string) {
    chmodSync(path, 0o755);
    return path;
  }

  const plants: [string, () => void][] = [
    ["somebody else's folder", () => mkdirSync(planted, { mode: 0o777 })],
    ["a link to a folder", () => symlinkSync(sandbox.makeFolder("elsewhere"), planted)],
    ["somebody else's link", () => symlinkSync("/etc", planted)],
    ["a link to nothing", () => symlinkSync(join(sandbox.folder, "nothing"), planted)],
  ];

  test.each(plants)("is refused when it is %s, and nothing is put into it", (_, plant) => {
    plant();
    const before = [lstatSync(planted).mtimeMs, lstatSync(planted).isSymbolicLink() ? readlinkSync(planted) : ""];
    const error = new RegExp(
      `^qpod: ${planted} is not a folder of yours .*\\n {2}Remove it, or set XDG_RUNTIME_DIR to a private folder of your own\\.\\n$`,
    );
    expectRefusal(make(without), error);
    expectRefusal(sandbox.command(["run", "make"], { env: without }), error);
    expectRefusal(sandbox.command(["refresh"], { env: without }), error);
    expect([lstatSync(planted).mtimeMs, lstatSync(planted).isSymbolicLink() ? readlinkSync(planted) : ""]).toEqual(before);
    expect(existsSync(join(sandbox.folder, "nothing"))).toBe(false);
  });

  test("is not used by `qpod run` either when somebody else has put a policy into it", () => {
    mkdirSync(planted, { mode: 0o755 });
    sandbox.must(["true"]);
    chownSync(planted, 65534, 65534);
    symlinkSync(join(sandbox.env.XDG_RUNTIME_DIR ?? "", "qpod/policy"), join(planted, "policy"));
    expectRefusal(sandbox.command(["run", "make"], { env: without }), /^qpod: .*is not a folder of yours/);
  });

  test("is closed when it was left open", () => {
    expectPod(make(without));
    chmodSync(planted, 0o777);
    expectPod(make(without));
    expect(statSync(planted).mode & 0o7777).toBe(0o700);
  });
});
