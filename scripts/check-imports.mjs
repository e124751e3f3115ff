// Fails when an import goes upwards, in a circle, sideways between engines, or out of a native room it may not see. The order of
// the rooms is DESIGN's: {main, index} -> {cli, library} -> {session, engine} -> image -> process -> launch -> policy -> config -> repo -> base.
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";

const levels = {
  base: 1,
  repo: 2,
  config: 3,
  policy: 4,
  launch: 5,
  process: 6,
  image: 7,
  session: 8,
  ide: 8,
  engine: 8,
  lab: 8.5,
  scratch: 8.5,
  debug: 8,
  cli: 9,
  library: 9,
  main: 10,
  explain: 10,
  "start-pod": 11,
  index: 10,
};
const engines = ["embedded", "podman", "docker"];
/** The launcher's own folders, from the ground up. */
const launcherLevels = { base: 1, scratch: 2, pod: 2, enter: 3, serve: 4, road: 4, process: 4, lab: 4, front: 5, "main.c": 6 };
const nativeMay = { format: ["format"], preload: ["preload", "format"], launcher: ["launcher", "format"] };

const listFiles = (folder, ending) =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && ending.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name));

const room = (path) => (path.includes("/") ? path.split("/")[0] : path.replace(/\.ts$/, ""));

/** Every module a TypeScript file names: static, type-only, re-exported or lazy. */
function importsOf(text) {
  const found = [...text.matchAll(/\bfrom\s+"(\.[^"]+)"|\bimport\s*\(\s*"(\.[^"]+)"\s*\)|\bimport\s+"(\.[^"]+)"/g)];
  return found.map((match) => match[1] ?? match[2] ?? match[3]);
}

/** Files that import each other, directly or by way of others, cannot be understood one after the other. */
function findCircles(graph) {
  const circles = [];
  const state = new Map();
  const visit = (file, road) => {
    if (state.get(file) === "done") return;
    if (state.get(file) === "open") {
      circles.push([...road.slice(road.indexOf(file)), file].join(" -> "));
      return;
    }
    state.set(file, "open");
    for (const next of graph.get(file) ?? []) visit(next, [...road, file]);
    state.set(file, "done");
  };
  for (const file of graph.keys()) visit(file, []);
  return circles;
}

function checkTypeScript(root, problems) {
  let seen = 0;
  const graph = new Map();
  const files = listFiles(root, /\.ts$/);
  for (const file of files) {
    const from = relative(root, file);
    const text = readFileSync(file, "utf8");
    if (/["'](node:)?child_process["']/.test(text) && room(from) !== "process")
      problems.push(`${file}: programs are started by src/process, nowhere else`);
    for (const target of importsOf(text)) {
      const to = relative(root, join(dirname(file), target));
      seen++;
      if (to.startsWith("..")) {
        if (!target.endsWith("package.json")) problems.push(`${file}: imports ${target}, which is outside src`);
        continue;
      }
      graph.set(from, [...(graph.get(from) ?? []), to]);
      const [here, there] = [levels[room(from)], levels[room(to)]];
      if (here === undefined || there === undefined)
        problems.push(`${file}: room ${room(here === undefined ? from : to)} has no level in scripts/check-imports.mjs`);
      else if (room(from) !== room(to) && there >= here) problems.push(`${file}: ${room(from)} must not import ${room(to)} (${target})`);
      const engineOf = (path) => engines.find((name) => path.startsWith(`engine/${name}`));
      if (engineOf(from) && engineOf(to) && engineOf(from) !== engineOf(to))
        problems.push(`${file}: engines must not import each other (${target})`);
    }
  }
  for (const circle of findCircles(graph)) problems.push(`${root}: a circle of imports: ${circle}`);
  return { files: files.length, seen };
}

function checkNative(root, problems) {
  let seen = 0;
  const files = listFiles(root, /\.[ch]$/);
  for (const file of files) {
    const here = room(relative(root, file));
    for (const [, target] of readFileSync(file, "utf8").matchAll(/^#include "([^"]+)"/gm)) {
      seen++;
      const to = relative(root, join(dirname(file), target));
      const there = room(to);
      if (!nativeMay[here]?.includes(there)) problems.push(`${file}: ${here} must not include ${there} (${target})`);
      const [from, into] = [relative(root, file), to].map((path) => path.match(/^launcher\/([^/]+)/)?.[1]);
      if (!from || !into || from === into) continue;
      if (!launcherLevels[from] || !launcherLevels[into])
        problems.push(`${file}: launcher/${launcherLevels[from] ? into : from} has no level in scripts/check-imports.mjs`);
      else if (launcherLevels[into] >= launcherLevels[from])
        problems.push(`${file}: launcher/${from} must not include launcher/${into} (${target})`);
    }
  }
  return { files: files.length, seen };
}

const [sources = "src", native = "native"] = process.argv.slice(2);
const problems = [];
const ts = checkTypeScript(sources, problems);
const c = checkNative(native, problems);
if (ts.seen === 0 || c.seen === 0) problems.push("the check saw no imports: it looks in the wrong place");
for (const problem of problems) console.error(problem);
console.log(
  `imports: ${ts.files} TypeScript files with ${ts.seen} imports, ${c.files} C files with ${c.seen} includes, ${problems.length} violations`,
);
process.exitCode = problems.length > 0 ? 1 : 0;
