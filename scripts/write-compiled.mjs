// Node compiles a program before it runs it, each time anew, which takes longer than most of what qpod does. Here each
// large bundle is taken apart: `whole/NAME-HASH.js` is its code, `whole/NAME-HASH.v8` what V8 made of it in a run of ours,
// and `NAME.js` in its place starts the one with the other. Another V8 than ours does not take it, and compiles as always.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const keeper = fileURLToPath(new URL("keep-compiled.cjs", import.meta.url));

/** @param files the bundles, in CommonJS. */
export function takeApart(files) {
  for (const folder of new Set(files.map((file) => join(dirname(file), "whole")))) {
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
  }
  for (const file of files) {
    const text = readFileSync(file, "utf8");
    // V8 knows a source again by its length alone: what belongs together has the content's hash in its name.
    const name = `${basename(file, ".js")}-${createHash("sha256").update(text).digest("hex").slice(0, 16)}`;
    writeFileSync(join(dirname(file), "whole", `${name}.js`), `(function (exports, require, module, __filename, __dirname) {${text}\n})`);
    writeFileSync(file, starter(name));
  }
}

function starter(name) {
  return `"use strict";
const { readFileSync } = require("node:fs");
const { Script } = require("node:vm");
const filename = \`\${__dirname}/whole/${name}.js\`;
let cachedData;
try {
  cachedData = readFileSync(\`\${__dirname}/whole/${name}.v8\`);
} catch {}
new Script(readFileSync(filename, "utf8"), { filename, cachedData }).runInThisContext()(exports, require, module, __filename, __dirname);
`;
}

/** Lets qpod do what people wait for, in folders of its own, and keeps what V8 compiled for it. */
export function keepCompiled(dist) {
  const folder = mkdtempSync(join(tmpdir(), "qpod-build-"));
  try {
    const repository = join(folder, "repository");
    for (const part of ["objects", "refs"]) mkdirSync(join(repository, ".git", part), { recursive: true });
    writeFileSync(join(repository, ".git/HEAD"), "ref: refs/heads/main\n");
    const environments = join(folder, "config/qpod/environments");
    mkdirSync(environments, { recursive: true });
    writeFileSync(join(environments, "some.yaml"), "host: true\ncommands: [make]\nvariables: {pass: [A]}\n");
    mkdirSync(join(folder, "run"), { mode: 0o700 });
    const XDG = { XDG_RUNTIME_DIR: "run", XDG_CONFIG_HOME: "config", XDG_DATA_HOME: "data", XDG_STATE_HOME: "state" };
    const variables = Object.fromEntries(Object.entries(XDG).map(([name, sub]) => [name, join(folder, sub)]));
    const env = { PATH: process.env.PATH, HOME: folder, SHELL: "/bin/sh", QPOD_PLAN: "3", ...variables };
    // A system that allows no pods is one to build on all the same.
    const call = (...words) => spawnSync(process.execPath, words, { cwd: repository, env, stdio: ["ignore", "ignore", "ignore", "pipe"] });
    call(resolve(dist, "main.js"), "init", "some");
    call(keeper, resolve(dist, "start-pod.js"), "start-pod", "none");
    call(keeper, resolve(dist, "main.js"), "shell", "-c", ":");
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
