import { afterAll, beforeAll, expect, test } from "vitest";
import { copyInstallation, type Installation } from "../support/installation.ts";
import { findPeople, type Person } from "../support/person.ts";
import { Sandbox } from "../support/sandbox.ts";
import { redirectMany } from "./jobs.ts";
import { countHoldings, findLeaks } from "./leaks.ts";

let installation: Installation;
let sandbox: Sandbox;

beforeAll(async () => {
  installation = copyInstallation();
  sandbox = new Sandbox({ engine: "embedded", person: findPeople().at(-1) as Person, title: "" }, installation);
  await sandbox.furnish();
});

afterAll(() => {
  sandbox?.remove();
  installation.remove();
});

/** `make load` does it with 2,000, on every engine, and more. */
test("64 redirects at once all answer for themselves, and leave nothing behind", async () => {
  sandbox.program("begin", "true");
  await sandbox.say("./begin");
  sandbox.must([sandbox.qpod, "down", "--all"]);
  const before = await countHoldings(sandbox);
  expect(await redirectMany(sandbox, 64, 64)).toMatchObject({ failed: 0 });
  sandbox.must([sandbox.qpod, "down", "--all"]);
  expect(findLeaks(before, await countHoldings(sandbox))).toEqual([]);
});
