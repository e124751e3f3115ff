/** Calls src/image for a test, as whatever user it is run: driver.mjs METHOD JSON. */
import { formatError, QpodError } from "../../src/base/errors.ts";
import { findPaths } from "../../src/base/paths.ts";
import type { Root } from "../../src/config/environment.ts";
import { prepareTree } from "../../src/image/prepare.ts";
import { login } from "../../src/image/registry.ts";
import { listRoots, readPrepared, removeRoot } from "../../src/image/store.ts";
import { anEnvironment } from "../support/an-environment.ts";

const [method, json = "[]"] = process.argv.slice(2);
const input = JSON.parse(json);
const paths = findPaths();
const said: string[] = [];
const progress = {
  step: (text: string) => said.push(text),
  update: (text: string) => said.push(`  ${text}`),
  warn: (text: string) => said.push(`! ${text}`),
  end() {},
};

async function answer(): Promise<object> {
  switch (method) {
    case "prepare":
      return { prepared: await prepareTree(paths, anEnvironment({ root: input[0] as Root }), progress) };
    case "read":
      return { prepared: readPrepared(paths, anEnvironment({ root: input[0] as Root })) };
    case "list":
      return { roots: await Promise.all(listRoots(paths).map(async (root) => ({ ...root, size: await root.size() }))) };
    case "remove":
      return { freed: await removeRoot(paths, input[0]) };
    case "login":
      await login(input[0], { user: input[1], password: input[2] });
      return {};
    default:
      throw new Error(`no method ${method}`);
  }
}

const result = await answer().catch((error) => ({ error: error instanceof QpodError ? formatError(error) : String(error.stack) }));
process.stdout.write(JSON.stringify({ ...result, said }));
