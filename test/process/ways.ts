import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe } from "vitest";
import type { CommandError, Way } from "../../src/process/index.ts";

export const ways: Way[] = ["resident", "one-shot"];

/** The same cases for both launchers. */
export function eachWay(title: string, body: (way: Way) => void): void {
  describe.each(ways)(`${title} (%s)`, body);
}

/** A folder that is removed with the file's tests. */
export function makeFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "qpod-process-"));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** The error that it must end with. */
export async function failureOf(action: Promise<unknown>): Promise<CommandError> {
  return action.then(
    (value) => {
      throw new Error(`it succeeded: ${JSON.stringify(value)}`);
    },
    (error: CommandError) => error,
  );
}

export const isRoot = process.getuid?.() === 0;
