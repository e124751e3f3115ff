import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { build } from "esbuild";
import { onTestFinished } from "vitest";

const checkout = resolve(import.meta.dirname, "..", "..");

/** The same in a folder that every user can reach, with the launcher beside it. */
export async function bundleForAll(name: string, text: string): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), "qpod-for-all-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  chmodSync(folder, 0o755);
  mkdirSync(join(folder, "native"));
  copyFileSync(join(checkout, "dist/native/qpod-launch"), join(folder, "native/qpod-launch"));
  copyFileSync(await bundle(name, text), join(folder, `${name}.mjs`));
  return join(folder, `${name}.mjs`);
}

/** A script for a Node of its own. It lies where the sources' search for the native files leads to the checkout's. */
export async function bundle(name: string, text: string): Promise<string> {
  const parent = join(checkout, "test", "tmp");
  mkdirSync(parent, { recursive: true });
  // As deep as src/launch, from which `../../dist` is the build.
  const file = join(parent, `process-${process.pid}-${name}-${count++}.mjs`);
  await build({
    stdin: { contents: text, resolveDir: checkout, loader: "ts" },
    outfile: file,
    bundle: true,
    platform: "node",
    format: "esm",
    target: "node20",
    logLevel: "silent",
  });
  onTestFinished(() => rmSync(file, { force: true }));
  return file;
}
let count = 0;
