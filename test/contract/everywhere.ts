import { execFileSync } from "node:child_process";
import { chmodSync, chownSync, copyFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "vitest";
import { whyNoDocker } from "../support/docker-daemon.ts";
import { furnishedSandbox } from "../support/furnished.ts";
import { findSettings, type Sandbox, type Setting, type Which } from "../support/sandbox.ts";
import { hasPodman } from "../support/sandbox-podman.ts";

const fixtures = join(import.meta.dirname, "fixtures");

/**
 * One contract, held on every engine by everybody. `definition` is added to the environment's file.
 * @param settings `main` for what docker's pods must show too, `members` for what only its group has.
 */
export function everywhere(
  title: string,
  definition: string,
  body: (sandbox: () => Sandbox, setting: Setting) => void,
  settings: Which = "usual",
): void {
  describe.each(findSettings(settings))(`${title} ($title)`, (setting) => {
    body(furnishedSandbox(setting, definition), setting);
  });
  if (!hasPodman() && settings !== "members") test.skip(`${title} on podman: it is not installed`);
  const reason = settings === "usual" ? undefined : whyNoDocker();
  if (reason) test.skip(`${title} on docker: ${reason}`);
}

/** Puts a program's source into the repository, and builds it there in the environment. */
export async function buildInside(sandbox: Sandbox, name: string, flags = ""): Promise<void> {
  copyInto(sandbox, `${name}.c`);
  await sandbox.say(`gcc ${flags} -o ${name} ${name}.c`);
}

/** The same on the host, for what calls commands as any program of the host does. */
export function buildOutside(sandbox: Sandbox, name: string): string {
  const path = join(sandbox.home, name);
  execFileSync("cc", ["-o", path, join(fixtures, `${name}.c`)]);
  chmodSync(path, 0o755);
  return path;
}

function copyInto(sandbox: Sandbox, name: string): void {
  const path = join(sandbox.repository, name);
  copyFileSync(join(fixtures, name), path);
  chownSync(path, sandbox.person.uid, sandbox.person.gid);
}
