import { beforeAll, describe, expect } from "vitest";
import { furnishedSandbox } from "../support/furnished.ts";
import { findPeople } from "../support/person.ts";
import type { Outcome, Sandbox, Setting } from "../support/sandbox.ts";

/** What `make` prints in the environment: the compiler that the host does not have. */
export const OLD = "10.2.1";

/** A bound repository whose `make` names the compiler, on the embedded engine, for root and an ordinary user. */
export function withSandbox(title: string, body: (sandbox: () => Sandbox) => void): void {
  const settings = findPeople().map((person): Setting => ({ engine: "embedded", person, title: person.name }));
  describe.each(settings)(`${title} (as $title)`, (setting) => {
    const sandbox = furnishedSandbox(setting);

    beforeAll(() => {
      sandbox().write("home/src/tool/Makefile", "all:\n\t@gcc -dumpfullversion\n");
    });

    body(sandbox);
  });
}

/** An error as users shall meet it: a status, fact and remedy in at most three lines, and no stack trace. */
export function expectError(outcome: Outcome, status: number, ...words: (string | RegExp)[]): void {
  expect(outcome.stderr).not.toMatch(/^\s+at /m);
  for (const word of words) expect(outcome.stderr).toMatch(word);
  expect(outcome.stderr.trim().split("\n").length).toBeLessThanOrEqual(3);
  expect(outcome.stderr).toMatch(/^qpod: /);
  expect(outcome.status).toBe(status);
}
