import { afterAll, beforeAll } from "vitest";
import { copyInstallation, type Installation } from "./installation.ts";
import { Sandbox, type Setting } from "./sandbox.ts";

/**
 * A sandbox for the tests of the block that this is called in, bound to the environment `old`.
 * @param definition is added to the environment's file.
 */
export function furnishedSandbox(setting: Setting, definition = ""): () => Sandbox {
  let installation: Installation | undefined;
  let sandbox: Sandbox | undefined;

  beforeAll(async () => {
    installation = copyInstallation();
    sandbox = new Sandbox(setting, installation);
    await sandbox.furnish(definition);
  });

  afterAll(() => {
    sandbox?.remove();
    installation?.remove();
  });

  return () => sandbox as Sandbox;
}
