import { readdirSync, readlinkSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect } from "vitest";
import { copyInstallation, type Installation } from "../support/installation.ts";
import { findPeople, type Person } from "../support/person.ts";
import { type Outcome, Sandbox } from "../support/sandbox.ts";

export const isRoot = process.getuid?.() === 0;

/** A recipe tells by this where it ran. */
export const tell = "PATH=/usr/bin:/bin readlink /proc/self/ns/mnt";
const here = readlinkSync("/proc/self/ns/mnt");

/** What went wrong, where it can be told, and what to do: three lines at most, and never the host's tool instead. */
export function expectRefusal(outcome: Outcome, text: RegExp, status = 125): void {
  expect(outcome).toEqual({ status, stdout: "", stderr: expect.stringMatching(text) });
  const lines = outcome.stderr.trimEnd().split("\n");
  expect(lines.length, outcome.stderr).toBeLessThanOrEqual(3);
  expect(outcome.stderr).not.toMatch(/^\s+at .*:\d+|internal error/m);
}

export function expectPod({ status, stdout, stderr }: Outcome): void {
  expect([status, stderr]).toEqual([0, ""]);
  expect(stdout).toMatch(/^mnt:\[\d+\]\n$/);
  expect(stdout.trim()).not.toBe(here);
}

/** Files that somebody began to write. */
export function halfWritten(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((path) =>
    /\.work(\/|$)|\.half$|\.[0-9a-f]{12}$|\.(entry|policy|start)\.\d+$/.test(path),
  );
}

/** The same faults for everybody, each with a home of their own in which `make` tells where it runs. */
export function forEverybody(title: string, body: (sandbox: () => Sandbox, person: Person) => void): void {
  describe.each(findPeople())(`${title}, as $name`, (person) => {
    let installation: Installation;
    let sandbox: Sandbox | undefined;

    beforeAll(async () => {
      installation = copyInstallation();
      sandbox = await settle(person, installation);
    });

    afterAll(() => {
      sandbox?.remove();
      installation.remove();
    });

    body(() => sandbox as Sandbox, person);
  });
}

export async function settle(person: Person, installation: Installation): Promise<Sandbox> {
  const sandbox = new Sandbox({ engine: "embedded", person, title: person.name }, installation);
  await sandbox.furnish().catch((error) => {
    sandbox.remove();
    throw error;
  });
  sandbox.write("home/src/tool/Makefile", `all:\n\t@${tell}\n`);
  sandbox.program("tell", tell);
  return sandbox;
}

export function runtimeFile(sandbox: Sandbox, name: string): string {
  return join(sandbox.env.XDG_RUNTIME_DIR ?? "", "qpod", name);
}

/** The only pod's entry or start file. */
export function podFile(sandbox: Sandbox, kind: "entry" | "start"): string {
  const found = readdirSync(runtimeFile(sandbox, "pods")).filter((name) => name.endsWith(`.${kind}`));
  expect(found).toHaveLength(1);
  return join(runtimeFile(sandbox, "pods"), found[0] ?? "");
}
