// Bundles src/main.ts into one file, which starts sooner than many: Node resolves, opens and links each module apart.
// src/explain.ts and src/start-pod.ts are small programs of their own; dist/library is what others import. Libraries that
// few commands need are files of their own beside it.
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { basename } from "node:path";
import { build } from "esbuild";
import { keepCompiled, takeApart } from "./scripts/write-compiled.mjs";
import { writeHelp } from "./scripts/write-help.mjs";

const settings = {
  bundle: true,
  // CommonJS starts without Node's module loader for ES modules.
  format: "cjs",
  platform: "node",
  target: "node20.19",
  minify: true,
  keepNames: true,
  logLevel: "warning",
};

/** In a file each, by what imports them. zod's is src/base/zod.ts. */
const libraries = { zod: "src/base/zod.ts", yaml: "yaml", "jsonc-parser": "jsonc-parser" };

const apart = {
  name: "libraries-apart",
  setup(context) {
    context.onResolve({ filter: /^(yaml|jsonc-parser|\.\.\/base\/zod\.ts)$/ }, ({ path }) => ({
      path: `./libraries/${basename(path, ".ts")}.js`,
      external: true,
    }));
  },
};

/** A small program that finds there is more to do becomes the whole one. */
const mainApart = {
  name: "main-apart",
  setup(context) {
    context.onResolve({ filter: /^\.\/main\.ts$/ }, () => ({ path: "./main.js", external: true }));
  },
};

mkdirSync("dist", { recursive: true });
writeFileSync("dist/package.json", '{ "type": "commonjs" }\n');
// jsonc-parser's CommonJS form loads its parts in a way that a bundle cannot follow.
await build({ ...settings, entryPoints: libraries, outdir: "dist/libraries", mainFields: ["module", "main"] });
await build({
  ...settings,
  entryPoints: { main: "src/main.ts", explain: "src/explain.ts", "start-pod": "src/start-pod.ts" },
  outdir: "dist",
  plugins: [apart, mainApart],
  define: { "import.meta.dirname": "__dirname", "import.meta.url": "__filename" },
  supported: { "dynamic-import": false },
});
takeApart(["dist/main.js", "dist/start-pod.js", "dist/libraries/zod.js", "dist/libraries/yaml.js"]);
keepCompiled("dist");
// Parts have their content in their names: those of earlier builds would stay.
rmSync("dist/library", { recursive: true, force: true });
// What others import, with the parts that several entries need once. Its libraries are inside: it is copied on its own.
await build({
  ...settings,
  entryPoints: { index: "src/index.ts", process: "src/process/index.ts", lab: "src/lab/index.ts", debug: "src/debug/index.ts" },
  // Traces lead into it.
  minify: false,
  outdir: "dist/library",
  format: "esm",
  splitting: true,
  outExtension: { ".js": ".mjs" },
  // Of yaml, Node gets the CommonJS half, whose names `import()` of a chunk would not have.
  alias: { yaml: "./node_modules/yaml/browser/dist/index.js" },
  banner: { js: 'import { createRequire as makeRequire } from "node:module";\nconst require = makeRequire(import.meta.url);' },
});
await writeHelp("dist/help");
