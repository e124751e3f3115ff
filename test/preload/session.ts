import { execFileSync, spawnSync } from "node:child_process";
import { chmodSync, copyFileSync, existsSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { replaceFile } from "../../src/base/files.ts";
import { SESSION_LIBRARY } from "../../src/launch/layout.ts";
import { encodePolicy } from "../../src/policy/encode.ts";
import type { PolicyEnvironment, PolicyTree } from "../../src/policy/policy.ts";

/** Tests and benches run from the checkout's top. */
const native = resolve("dist/native");
const fixtures = resolve("test/preload/fixtures");
export const hasLibrary32 = existsSync(join(native, "libqpod-32.so"));

/** A runtime folder as qpod makes it, with a stand-in for the launcher that says how it was started. */
export class Session {
  readonly folder = realpathSync(mkdtempSync(join(tmpdir(), "qpod-preload-")));
  readonly base = join(this.folder, "run");
  readonly home = join(this.folder, "home-of-qpod");
  /** A bound repository. */
  readonly repository = join(this.folder, "repository");
  /** A folder that is in no repository. */
  readonly outside = join(this.folder, "outside");
  readonly preload = join(this.base, "$LIB", SESSION_LIBRARY);

  constructor() {
    for (const name of ["bin", ".git/hooks", "sub/folder"]) this.makeFolder(`repository/${name}`);
    for (const name of ["outside", "home-of-qpod/bin", "run/shims"]) this.makeFolder(name);
    this.#install("libqpod.so", ["$LIB", "lib64", "lib", "lib/x86_64-linux-gnu", "lib/aarch64-linux-gnu"]);
    if (hasLibrary32) this.#install("libqpod-32.so", ["lib32", "lib/i386-linux-gnu"]);
    this.compile("launch.c", join(this.base, "launch"), ["-static"]);
    this.script("repository/bin/tool", 'echo "host: tool $*"');
    this.script("repository/.git/hooks/hook", "echo host: hook");
    this.script("outside/make", 'echo "host: make"');
    this.script("outside/other", 'echo "host: other $*"');
    this.script("home-of-qpod/bin/qpod", "echo host: qpod");
    this.writePolicy();
  }

  /** Under every folder name that a dynamic linker of this machine may put for $LIB; musl takes it literally. */
  #install(file: string, folders: readonly string[]) {
    copyFileSync(join(native, file), join(this.base, file));
    for (const folder of folders) {
      this.makeFolder(`run/${folder}`);
      symlinkSync(join(this.base, file), join(this.base, folder, SESSION_LIBRARY));
    }
  }

  makeFolder(name: string) {
    mkdirSync(join(this.folder, name), { recursive: true });
  }

  script(name: string, body: string): string {
    const path = join(this.folder, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, `#!/bin/sh\n${body}\n`);
    chmodSync(path, 0o755);
    return path;
  }

  compile(source: string, to: string, flags: readonly string[] = [], compiler = "cc"): string {
    execFileSync(compiler, ["-O1", "-w", "-o", to, join(fixtures, source), ...flags]);
    return to;
  }

  writePolicy(change: { trees?: PolicyTree[]; environment?: Partial<PolicyEnvironment> } = {}) {
    const bytes = encodePolicy({
      program: ["/usr/bin/node", join(this.home, "main.js")],
      home: this.home,
      trees: change.trees ?? [this.tree(this.repository)],
      environments: [
        {
          name: "old",
          ...{ commands: ["make", "gcc"], commandGlobs: ["*-elf-gcc"], hostNames: ["git"], hostPaths: [".git/**"] },
          ...change.environment,
        },
      ],
    });
    replaceFile(join(this.base, "policy"), bytes);
  }

  tree(root: string, branches = [""]): PolicyTree {
    const rules = branches.map((branch) => ({ branch, environment: "old", pod: "old-1", definition: 1n }));
    return { root: Buffer.from(root), gitDir: Buffer.from(join(root, ".git")), rules };
  }

  /** Runs a program with the library loaded; stdout and stderr together, without the temporary folder's name. */
  run(argv: [string, ...string[]], options: { cwd?: string; env?: Record<string, string>; input?: string } = {}) {
    const env = { PATH: process.env.PATH ?? "", LD_PRELOAD: this.preload, ...options.env };
    const cwd = options.cwd ?? this.outside;
    const result = spawnSync(argv[0], argv.slice(1), { cwd, env, encoding: "utf8", input: options.input });
    if (result.error) throw result.error;
    const text = (result.stdout + result.stderr).replaceAll(this.folder, "@").trimEnd();
    return { status: result.status, text };
  }

  remove() {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
