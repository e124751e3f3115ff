// Bundles src/main.ts; heavy libraries stay in chunks of their own, loaded when a command needs them.
import { readdirSync, rmSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const { metafile } = await build({
  metafile: true,
  entryPoints: { main: "src/main.ts" },
  outdir: "dist",
  bundle: true,
  splitting: true,
  format: "esm",
  platform: "node",
  target: "node20.19",
  minify: true,
  keepNames: true,
  // yaml gives Node a CommonJS build, whose names a lazy import does not see; this is the same library as modules.
  alias: { yaml: fileURLToPath(new URL("node_modules/yaml/browser/dist/index.js", import.meta.url)) },
  chunkNames: "chunks/[name]-[hash]",
  banner: { js: 'import{createRequire as __r}from"node:module";const require=__r(import.meta.url);' },
  logLevel: "warning",
});

// Old chunks go last: a qpod that is starting at this moment still needs them.
for (const name of readdirSync("dist/chunks")) if (!metafile.outputs[`dist/chunks/${name}`]) rmSync(`dist/chunks/${name}`);
