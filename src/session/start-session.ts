import { createHash } from "node:crypto";
import { accessSync, constants, statSync } from "node:fs";
import { userInfo } from "node:os";
import { basename, join } from "node:path";
import { QpodError, status } from "../base/errors.ts";
import { replaceFile } from "../base/files.ts";
import { makePrivateFolder, type Paths } from "../base/paths.ts";
import { type RuntimeLayout, runtimeLayout } from "../launch/layout.ts";
import { type Operation, op } from "../launch/operations.ts";
import { bash } from "./bash.ts";
import { dash } from "./dash.ts";
import { fish } from "./fish.ts";
import type { Shell, Surroundings } from "./shell.ts";
import { zsh } from "./zsh.ts";

const shells: Record<string, (around: Surroundings) => Shell> = { bash, zsh, fish, dash, sh: dash, ash: dash, ksh: dash, mksh: dash };
/** What libc searches when PATH is not set. */
const DEFAULT_PATH = "/bin:/usr/bin";

export interface Session {
  plan: Operation[];
  /** What is started, for the line that says so. */
  program: string;
}

/** An interactive shell in which exec is intercepted; the user's start-up files are read as always. */
export function interactiveSession(paths: Paths, env: NodeJS.ProcessEnv): Session {
  const layout = runtimeLayout(paths.runtime);
  const program = findShell(env);
  const folder = makeSessionFolder(layout, [paths.home, env.ENV, env.ZDOTDIR]);
  const shell = shells[basename(program)]?.({ layout, folder, env, home: paths.home }) ?? {
    files: new Map<string, string>(),
    args: [],
    variables: {},
  };
  for (const [path, text] of shell.files) replaceFile(path, text);
  const plan = [
    ...sessionVariables(layout, env, shell.variables),
    { code: op.exec, numbers: [0], strings: [program, program, ...shell.args] } satisfies Operation,
  ];
  return { plan, program };
}

/** Two sessions may start at once from different surroundings: neither must read the other's files. */
function makeSessionFolder(layout: RuntimeLayout, surroundings: (string | undefined)[]): string {
  const name = createHash("sha256").update(JSON.stringify(surroundings)).digest("hex").slice(0, 12);
  return makePrivateFolder(join(makePrivateFolder(join(layout.folder, "session")), name));
}

/** `qpod-shell -c TEXT`. What follows is the shell's own business. */
export function commandLineSession(paths: Paths, env: NodeJS.ProcessEnv, text: string, words: number): Session {
  const layout = runtimeLayout(paths.runtime);
  const program = findShell(env);
  // As it stands on our command line it still has bytes that are not UTF-8.
  const exec =
    process.argv.at(-words - 1) === text
      ? { numbers: [words + 1], strings: [program, program, "-c"] }
      : { numbers: [words], strings: [program, program, "-c", text] };
  return { plan: [...sessionVariables(layout, env), { code: op.exec, ...exec }], program };
}

/**
 * `qpod-shell COMMAND...`: the command itself is decided on by the launcher, as if a shell had called it.
 * @param words how many of the last words on our command line are the command and its arguments.
 */
export function commandSession(paths: Paths, env: NodeJS.ProcessEnv, name: string, words: number): Session {
  const layout = runtimeLayout(paths.runtime);
  // Node has lost the bytes of a name that is not UTF-8. A shell has them still, and asks the library.
  if (name.includes("\ufffd"))
    return {
      plan: [...sessionVariables(layout, env), { code: op.exec, numbers: [words], strings: ["/bin/sh", "sh", "-c", 'exec "$@"', "sh"] }],
      program: name,
    };
  const path = name.includes("/") ? name : findOnPath(name, env.PATH || DEFAULT_PATH);
  if (path === undefined) {
    const shim = findOnPath(name, layout.shims);
    if (shim === undefined) throw new QpodError({ fact: `${name}: command not found`, status: status.notFound });
    return { plan: [...sessionVariables(layout, env), { code: op.exec, numbers: [words], strings: [shim] }], program: name };
  }
  const variables = sessionVariables(layout, env, { QPOD_EXEC: path });
  return { plan: [...variables, { code: op.exec, numbers: [words], strings: [layout.launch] }], program: path };
}

function sessionVariables(layout: RuntimeLayout, env: NodeJS.ProcessEnv, more: Record<string, string> = {}): Operation[] {
  const others = (env.LD_PRELOAD ?? "").split(/[: ]/).filter((entry) => entry && entry !== layout.preload);
  const folders = (env.PATH || DEFAULT_PATH).split(":").filter((folder) => folder !== layout.shims);
  const variables = {
    LD_PRELOAD: [layout.preload, ...others].join(":"),
    // Last, so that the host's own programs are found first, and decided on by their names.
    PATH: [...folders, layout.shims].join(":"),
    // For start-up files of the user's that start a session by themselves, once.
    QPOD_SESSION: layout.folder,
    ...more,
  };
  return [{ code: op.set, strings: Object.entries(variables).map(([name, value]) => `${name}=${value}`) }];
}

function findShell(env: NodeJS.ProcessEnv): string {
  const candidates = [env.SHELL, loginShell(), "/bin/bash", "/bin/sh"];
  const found = candidates.find((path) => path?.startsWith("/") && isExecutable(path));
  if (found) return found;
  throw new QpodError({ fact: `there is no shell to start (SHELL is ${env.SHELL ?? "not set"})`, remedy: "Set SHELL to the path of one." });
}

/** A uid that the user database does not know has none. */
function loginShell(): string | undefined {
  try {
    return userInfo().shell ?? undefined;
  } catch {
    return undefined;
  }
}

function findOnPath(name: string, path: string): string | undefined {
  return path
    .split(":")
    .map((folder) => join(folder || ".", name))
    .find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
