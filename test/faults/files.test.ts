import { chmodSync as chmod, chownSync, readFileSync, renameSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { expect, test } from "vitest";
import type { Sandbox } from "../support/sandbox.ts";
import { expectError, OLD, podFile, policyFile, withSandbox } from "./fault.ts";

/** Puts other bytes in a file's place, as whoever wrote it would: in one step, and owned by the same user. */
function replace(path: string, change: (bytes: Buffer) => Buffer): void {
  const { uid, gid } = statSync(path);
  writeFileSync(`${path}.new`, change(readFileSync(path)), { mode: 0o600 });
  chownSync(`${path}.new`, uid, gid);
  renameSync(`${path}.new`, path);
}

const withVersion = (version: number) => (bytes: Buffer) => {
  bytes.writeUInt32LE(version, 8);
  return bytes;
};

const damages: [string, (path: string) => void][] = [
  ["missing", (path) => rmSync(path)],
  ["empty", (path) => replace(path, () => Buffer.alloc(0))],
  ["truncated", (path) => replace(path, (bytes) => bytes.subarray(0, 60))],
  ["cut at its end", (path) => replace(path, (bytes) => bytes.subarray(0, -1))],
  ["of an older qpod", (path) => replace(path, withVersion(0))],
  ["of a newer qpod", (path) => replace(path, withVersion(99))],
  ["something else", (path) => replace(path, (bytes) => Buffer.alloc(bytes.length, "x"))],
];

withSandbox("a file that is not as it should be", (sandbox) => {
  const make = () => sandbox().session("make");

  test.each(damages)("a policy that is %s is made again, and make runs where it belongs", async (_what, damage) => {
    expect(await make()).toMatchObject({ status: 0, stdout: expect.stringContaining(OLD) });
    damage(policyFile(sandbox()));
    expect(await make()).toMatchObject({ status: 0, stdout: expect.stringContaining(OLD), stderr: "" });
  });

  test.each(damages)("an entry that is %s is made again, and make runs where it belongs", async (_what, damage) => {
    await make();
    damage(podFile(sandbox(), "entry"));
    expect(await make()).toMatchObject({ status: 0, stdout: expect.stringContaining(OLD), stderr: "" });
  });

  const spoils: [string, (path: string, sandbox: Sandbox) => () => void][] = [
    [
      "that others may write",
      (path) => {
        const { mode } = statSync(path);
        chmod(path, 0o666);
        return () => chmod(path, mode);
      },
    ],
    [
      "that belongs to somebody else",
      (path) => {
        const { uid, gid, mode } = statSync(path);
        chownSync(path, 65534, 65534);
        // Readable: what cannot even be read is simply made again.
        chmod(path, 0o644);
        return () => {
          chownSync(path, uid, gid);
          chmod(path, mode);
        };
      },
    ],
    [
      "that is a symlink",
      (path) => {
        renameSync(path, `${path}.real`);
        symlinkSync(`${path}.real`, path);
        return () => renameSync(`${path}.real`, path);
      },
    ],
  ];

  test.skipIf(process.getuid?.() !== 0).each(spoils)("a policy %s is refused, and nothing runs on the host", async (_what, spoil) => {
    await make();
    const restore = spoil(policyFile(sandbox()), sandbox());
    const outcome = await make().finally(restore);
    expect(outcome.stdout).toBe("");
    expect(outcome.status).toBe(125);
    expect(outcome.stderr).toMatch(/cannot trust the policy .*\n {2}It is not a file of yours.*\nqpod: \w+ was not run/);
  });

  test.skipIf(process.getuid?.() !== 0).each(spoils)("an entry %s is refused, and nothing runs on the host", async (_what, spoil) => {
    await make();
    const restore = spoil(podFile(sandbox(), "entry"), sandbox());
    const outcome = await make().finally(restore);
    expect(outcome.stdout).toBe("");
    expectError(outcome, 125, /cannot trust .*\.entry/, "It is not a file of yours that only you can write");
  });
});
