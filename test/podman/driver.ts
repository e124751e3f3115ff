/** Calls the podman engine for a test, in whatever user it is run as: driver.js METHOD JSON. */
import { formatError, QpodError } from "../../src/base/errors.ts";
import { findPaths } from "../../src/base/paths.ts";
import type { Progress } from "../../src/base/progress.ts";
import type { Pod } from "../../src/engine/engine.ts";
import { examineHost } from "../../src/engine/host-report.ts";
import { thisHost } from "../../src/engine/host-view.ts";
import { podmanEngine } from "../../src/engine/podman.ts";
import { readPodmanFacts } from "../../src/engine/podman-facts.ts";

const [method, json = "null"] = process.argv.slice(2);
const input = JSON.parse(json, (key, value) => (key === "definition" ? BigInt(value) : value));
const paths = findPaths();
const engine = podmanEngine(paths);
const said: string[] = [];
const progress: Progress = {
  step: (text) => said.push(text),
  update: (text) => said.push(`  ${text}`),
  warn: (text: string) => said.push(`! ${text}`),
  end() {},
};

async function call(): Promise<unknown> {
  switch (method) {
    case "assess":
      return engine.assess(input);
    case "prepare":
      return engine.prepare(input, progress);
    case "start":
      return engine.start(input as Pod, progress);
    case "joins":
      return engine.joins(input as Pod);
    case "stop":
      return engine.stop(input);
    case "list":
      return engine.list();
    case "measure":
      return engine.measure(input);
    case "remove":
      return engine.remove(input);
    case "options":
      return (await readPodmanFacts(thisHost(), paths)).options;
    case "examine":
      return examineHost(paths);
    default:
      throw new Error(`no method ${method}`);
  }
}

const began = performance.now();
const answer = await call().then(
  (result) => ({ result }),
  (error) => ({ error: error instanceof QpodError ? formatError(error) : String(error.stack) }),
);
const milliseconds = performance.now() - began;
const text = JSON.stringify({ ...answer, said, milliseconds }, (_, value) => (typeof value === "bigint" ? String(value) : value));
process.stdout.write(`${text}\n`);
