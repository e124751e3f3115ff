import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { parseNote, prepareAttendance, socketOf, waitForFirst } from "../../../src/engine/docker-attend.ts";
import { readStartTime } from "../../../src/launch/first-process.ts";

const user = { uid: 1000, gid: 1001, name: "u", group: "g", home: "/home/u" };
let folder = "";

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "qpod-attend-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

describe("prepareAttendance", () => {
  it("tells the first process whom to attend to, and what the user databases lack", () => {
    const { job, mount } = prepareAttendance(join(folder, "a"), user, 999, [], true);
    expect(job.slice(0, 4)).toEqual(["attend", "1000", "1001", "999"]);
    expect(job.slice(4)).toEqual(["/etc/passwd", "u:", "u:x:1000:1001:u:/home/u:/bin/sh", "/etc/group", "g:", "g:x:1001:"]);
    expect(mount).toMatchObject({ source: join(folder, "a"), target: "/.qpod/serve", readOnly: false });
    expect(statSync(join(folder, "a")).mode & 0o777).toBe(0o700);
  });

  it("lets it only serve, and leaves files alone that a mount brings in", () => {
    const passwd = { source: "/x", target: "/etc/passwd", readOnly: false, optional: false, kind: "user" as const };
    const { job } = prepareAttendance(folder, user, 0, [passwd], false);
    expect(readdirSync(folder)).toEqual(["lend-nothing"]);
    expect(job).toEqual(["attend", "1000", "1001", "0", "/etc/group", "g:", "g:x:1001:"]);
  });

  it("takes away what an earlier first process said", () => {
    writeFileSync(join(folder, "first"), "1 2 0 \n");
    prepareAttendance(folder, user, 0, [], true);
    expect(readdirSync(folder)).toEqual([]);
  });
});

describe("waitForFirst", () => {
  it("reads who the first process is, and whether it can be joined", async () => {
    expect(parseNote("12 345 0 \n")).toEqual({ pid: 12, startTime: 345n });
    expect(parseNote("12 345 4026531840 Operation not permitted\n")).toEqual({ pid: 12, startTime: 345n, serves: 4026531840n });
    writeFileSync(join(folder, "first"), "12 345 0 \n");
    expect(await waitForFirst(folder, process.pid, "qpod-x")).toEqual({ pid: 12, startTime: 345n });
    expect(socketOf(folder)).toBe(`${folder}/socket`);
  });

  it("ends with the container", async () => {
    const pid = 4_000_000_000;
    expect(readStartTime(pid)).toBeUndefined();
    await expect(waitForFirst(folder, pid, "qpod-x")).rejects.toThrow("the first process of qpod-x does not attend to you");
  });
});
