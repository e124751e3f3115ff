import { execFileSync, spawnSync } from "node:child_process";
import {
  chmodSync,
  chownSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { buildSync } from "esbuild";
import { nativeFile } from "../../src/launch/locate.ts";

/** Somebody who calls the engine: root, or an ordinary user with subordinate ids. */
export interface Caller {
  name: string;
  uid: number;
  gid: number;
  home: string;
  env: Record<string, string>;
}

const USER = "qpodtest-podman";

export const canRun = process.getuid?.() === 0 && ["podman", "mmdebstrap", "setpriv", "nsenter"].every((name) => has(name));

function has(program: string): boolean {
  return spawnSync("sh", ["-c", `command -v ${program}`]).status === 0;
}

/** Root and the ordinary user, each with a fresh data folder, so that nothing is shared with a real qpod. */
export function makeCallers(): Caller[] {
  if (spawnSync("id", [USER]).status !== 0) execFileSync("useradd", ["--create-home", "--shell", "/bin/sh", USER]);
  const [, , uid, gid, , home] = execFileSync("getent", ["passwd", USER], { encoding: "utf8" }).trim().split(":");
  return [makeCaller("root", 0, 0, "/root"), makeCaller(USER, Number(uid), Number(gid), home ?? "")];
}

function makeCaller(name: string, uid: number, gid: number, home: string): Caller {
  const folder = mkdtempSync(join(tmpdir(), "qpod-podman-test-"));
  const inFolder = (sub: string) => {
    const path = join(folder, sub);
    mkdirSync(path, { mode: 0o700 });
    chownSync(path, uid, gid);
    return path;
  };
  chmodSync(folder, 0o755);
  const env = {
    HOME: home,
    USER: name,
    PATH: "/usr/local/bin:/usr/bin:/bin",
    LANG: "C.UTF-8",
    XDG_RUNTIME_DIR: inFolder("run"),
    XDG_DATA_HOME: inFolder("data"),
    QPOD_TEST_FOLDER: folder,
  };
  return { name, uid, gid, home, env };
}

/** Runs a program as the caller; what it needs of Node's own environment is set, nothing else passes. */
export function runAs(caller: Caller, argv: [string, ...string[]], env: Record<string, string> = {}) {
  const drop = ["--reuid", String(caller.uid), "--regid", String(caller.gid), "--init-groups"];
  return spawnSync("setpriv", [...drop, ...argv], {
    env: { ...caller.env, ...env },
    cwd: caller.home,
    encoding: "utf8",
    maxBuffer: 64 << 20,
  });
}

export interface Answer {
  // biome-ignore lint/suspicious/noExplicitAny: whatever the engine's method returns
  result?: any;
  error?: string;
  said: string[];
  milliseconds: number;
}

let driver: string | undefined;

/** Calls a method of the podman engine as the caller. */
export function callEngine(caller: Caller, method: string, input: unknown, env: Record<string, string> = {}): Answer {
  driver ??= bundleDriver();
  const json = JSON.stringify(input, (_, value) => (typeof value === "bigint" ? String(value) : value));
  const result = runAs(caller, [process.execPath, driver, method, json], env);
  if (result.status !== 0) throw new Error(`driver ${method}: ${result.stderr}`);
  return JSON.parse(result.stdout) as Answer;
}

/** One file that another user can read, with the launcher beside it, as in an installation. */
function bundleDriver(): string {
  const folder = mkdtempSync(join(tmpdir(), "qpod-podman-driver-"));
  chmodSync(folder, 0o755);
  const file = join(folder, "driver.mjs");
  const entry = join(import.meta.dirname, "driver.ts");
  buildSync({ entryPoints: [entry], bundle: true, platform: "node", format: "esm", outfile: file, logLevel: "error" });
  mkdirSync(join(folder, "native"));
  copyFileSync(nativeFile("qpod-launch"), join(folder, "native", "qpod-launch"));
  return file;
}

/** A root tarball of bullseye from the distribution's packages; made once and kept in the temporary folder. */
export function bullseyeTarball(): string {
  const file = join(tmpdir(), "qpod-podman-bullseye.tar");
  if (!existsSync(file)) {
    // mmdebstrap goes by the name's end.
    const half = `${file}.${process.pid}.tar`;
    execFileSync("mmdebstrap", ["--quiet", "--variant=minbase", "bullseye", half], { stdio: "inherit" });
    chmodSync(half, 0o644);
    renameSync(half, file);
  }
  return file;
}

/** An image archive's opposite: a root tarball with one empty folder in it. */
export function emptyTarball(): string {
  const folder = mkdtempSync(join(tmpdir(), "qpod-podman-empty-"));
  mkdirSync(join(folder, "root/opt"), { recursive: true });
  const file = join(folder, "empty.tar");
  execFileSync("tar", ["-C", join(folder, "root"), "-cf", file, "."]);
  chmodSync(folder, 0o755);
  return file;
}

/** podman as the engine calls it for the caller: with the same store. */
export function podman(caller: Caller, ...args: string[]): string {
  const store = callStore(caller);
  const result = runAs(caller, ["podman", ...store, ...args]);
  if (result.status !== 0) throw new Error(`podman ${args.join(" ")}: ${result.stderr}`);
  return result.stdout.trim();
}

function callStore(caller: Caller): string[] {
  return callEngine(caller, "options", null).result as string[];
}

/** For callEngine: a podman that notes down which subcommands it is called with. */
export function noteCalls(caller: Caller): { calls: () => string[]; env: Record<string, string> } {
  const folder = mkdtempSync(join(caller.env.QPOD_TEST_FOLDER ?? tmpdir(), "calls-"));
  chownSync(folder, caller.uid, caller.gid);
  const log = join(folder, "log");
  const subcommands = "info|run|start|rm|inspect|container|image|ps";
  const script = `#!/bin/sh
for word; do case "$word" in ${subcommands}) echo "$word" >>${log}; break ;; esac; done
exec ${execFileSync("sh", ["-c", "command -v podman"], { encoding: "utf8" }).trim()} "$@"
`;
  writeFileSync(join(folder, "podman"), script, { mode: 0o755 });
  const calls = () => readFileSync(log, "utf8").split("\n").filter(Boolean);
  return { calls, env: { PATH: `${folder}:${caller.env.PATH}` } };
}

/** Runs a command in a started pod as its root: of podman's user namespace, and the pod's mount namespace. */
export function inside(caller: Caller, pid: number, ...argv: string[]) {
  const words = ["nsenter", "--target", String(pid), "--mount", ...argv] as const;
  return runAs(caller, caller.uid === 0 ? [...words] : ["podman", ...callStore(caller), "unshare", ...words]);
}

/** Removes what a test made for a caller, and nothing else: root's podman may be in real use. */
export function cleanUp(caller: Caller, ids: readonly string[], imageIds: readonly string[]): void {
  for (const id of ids) callEngine(caller, "remove", id);
  const pausing = pauseProcesses(caller);
  if (caller.uid === 0) for (const id of imageIds) runAs(caller, ["podman", "rmi", "--force", id]);
  else runAs(caller, ["podman", ...callStore(caller), "system", "reset", "--force"]);
  for (const pid of pausing) runAs(caller, ["kill", String(pid)]);
  rmSync(caller.env.QPOD_TEST_FOLDER ?? "", { recursive: true, force: true });
  if (driver) rmSync(dirname(driver), { recursive: true, force: true });
  driver = undefined;
}

/** An ordinary user's podman leaves one process for each of its temporary folders, to hold its namespace. */
function pauseProcesses(caller: Caller): number[] {
  return ["libpod/tmp", "qpod/podman-tmp"]
    .map((folder) => join(caller.env.XDG_RUNTIME_DIR ?? "", folder, "pause.pid"))
    .filter((file) => existsSync(file))
    .map((file) => Number(readFileSync(file, "utf8")));
}
