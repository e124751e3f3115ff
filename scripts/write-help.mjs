// Writes what `--help` prints, from the table of commands, for the native program in front of Node: env.add.txt for
// `qpod env add --help`, qpod.txt for the whole, and the version.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

async function loadParser() {
  const { outputFiles } = await build({
    stdin: { contents: 'export { listHelp } from "./src/cli/parse.ts";', resolveDir: fileURLToPath(new URL("..", import.meta.url)) },
    bundle: true,
    format: "cjs",
    platform: "node",
    write: false,
    external: ["./cmd-*.ts"],
    logLevel: "warning",
  });
  const module = { exports: {} };
  new Function("module", "exports", "require", outputFiles[0].text)(module, module.exports, createRequire(import.meta.url));
  return module.exports;
}

/** @param folder is made anew. */
export async function writeHelp(folder) {
  const { listHelp } = await loadParser();
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  for (const [name, text] of listHelp()) writeFileSync(join(folder, `${name.replaceAll(" ", ".") || "qpod"}.txt`), `${text}\n`);
  writeFileSync(join(folder, "version"), `${JSON.parse(readFileSync("package.json", "utf8")).version}\n`);
}
