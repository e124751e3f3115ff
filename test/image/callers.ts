import { execFileSync, spawn, spawnSync } from "node:child_process";
import { chmodSync, chownSync, copyFileSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildSync } from "esbuild";
import type { Root } from "../../src/config/environment.ts";
import type { PreparedRoot } from "../../src/image/root-tree.ts";
import { nativeFile } from "../../src/launch/locate.ts";

/** Somebody whose root trees are made: root, a user with subordinate ids, and one with their own id alone. */
export interface Caller {
  name: string;
  ownership: "real" | "subordinate" | "single";
  uid: number;
  gid: number;
  /** The user's alone; removed by `close`. */
  folder: string;
  env: Record<string, string>;
}

export const isRoot = process.getuid?.() === 0;

export function hasTools(...names: string[]): boolean {
  return isRoot && names.every((name) => spawnSync("sh", ["-c", `command -v ${name}`]).status === 0);
}

let shared: string | undefined;

/** Everything here is readable for all callers. */
function sharedFolder(): string {
  if (!shared) {
    shared = mkdtempSync(join(tmpdir(), "qpod-image-"));
    chmodSync(shared, 0o755);
  }
  return shared;
}

export function makeCallers(): Caller[] {
  return [
    makeRoot(),
    makeUser("qpodtest-image", "subordinate", []),
    makeUser("qpodtest-single", "single", ["-K", "SUB_UID_COUNT=0", "-K", "SUB_GID_COUNT=0"]),
  ];
}

function makeRoot(): Caller {
  return makeCaller("root", "real", 0, 0);
}

function makeUser(name: string, ownership: Caller["ownership"], options: string[]): Caller {
  if (spawnSync("id", [name]).status !== 0) execFileSync("useradd", ["--create-home", "--shell", "/bin/sh", ...options, name]);
  const [, , uid, gid] = execFileSync("getent", ["passwd", name], { encoding: "utf8" }).trim().split(":");
  return makeCaller(name, ownership, Number(uid), Number(gid));
}

function makeCaller(name: string, ownership: Caller["ownership"], uid: number, gid: number): Caller {
  const folder = join(sharedFolder(), name);
  mkdirSync(folder, { mode: 0o700 });
  chownSync(folder, uid, gid);
  const env = {
    HOME: folder,
    USER: name,
    PATH: "/usr/local/bin:/usr/bin:/bin",
    XDG_DATA_HOME: join(folder, "data"),
    XDG_RUNTIME_DIR: folder,
    REGISTRY_AUTH_FILE: join(folder, "auth.json"),
  };
  return { name, ownership, uid, gid, folder, env };
}

export interface Answer {
  prepared?: PreparedRoot;
  roots?: { key: string; what: string; prepared?: PreparedRoot; size: number }[];
  freed?: number;
  error?: string;
  said: string[];
}

/** Runs a function of src/image in a process of the caller's. */
export function call(caller: Caller, method: string, ...input: unknown[]): Promise<Answer> {
  const child = startCall(caller, method, ...input);
  let [stdout, stderr] = ["", ""];
  child.stdout?.on("data", (chunk) => (stdout += chunk));
  child.stderr?.on("data", (chunk) => (stderr += chunk));
  return new Promise((resolve, reject) => {
    child.on("close", (code) => (code === 0 ? resolve(JSON.parse(stdout) as Answer) : reject(new Error(`${method}: ${code} ${stderr}`))));
  });
}

export function prepare(caller: Caller, root: Root): Promise<Answer> {
  return call(caller, "prepare", root);
}

export function startCall(caller: Caller, method: string, ...input: unknown[]) {
  const drop = ["--reuid", String(caller.uid), "--regid", String(caller.gid), "--init-groups", "--"];
  const argv = [...drop, process.execPath, bundleDriver(), method, JSON.stringify(input)];
  return spawn("setpriv", argv, { cwd: caller.folder, env: caller.env, stdio: ["ignore", "pipe", "pipe"], detached: true });
}

let driver: string | undefined;

/** One file that other users can read, with the launcher beside it, as in an installation. */
function bundleDriver(): string {
  if (driver) return driver;
  const file = join(sharedFolder(), "driver.mjs");
  buildSync({
    entryPoints: [join(import.meta.dirname, "driver.ts")],
    bundle: true,
    platform: "node",
    format: "esm",
    outfile: file,
    logLevel: "error",
  });
  mkdirSync(join(sharedFolder(), "native"));
  copyFileSync(nativeFile("qpod-launch"), join(sharedFolder(), "native", "qpod-launch"));
  driver = file;
  return file;
}

/** A folder for what all callers read. */
export function publicFolder(): string {
  const folder = mkdtempSync(join(sharedFolder(), "public-"));
  chmodSync(folder, 0o755);
  return folder;
}

export function close(): void {
  if (shared) rmSync(shared, { recursive: true, force: true });
  shared = driver = undefined;
}
