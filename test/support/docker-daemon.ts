import { execFileSync, spawn, spawnSync } from "node:child_process";
import { chmodSync, closeSync, existsSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isAlive, readStartTime } from "../../src/launch/first-process.ts";
import type { Person } from "./person.ts";
import { waitUntil } from "./wait-until.ts";

const folder = join(import.meta.dirname, "..", "tmp", "docker");
const note = join(folder, "daemon.json");
/** Whose members may use the tests' daemons. */
export const GROUP = "qpod-test-docker";

/** Why no daemon can be had; undefined where one can. */
export function whyNoDocker(): string | undefined {
  if (spawnSync("docker", ["--version"]).status !== 0 || spawnSync("dockerd", ["--version"]).status !== 0) return "it is not installed";
  return process.getuid?.() === 0 ? undefined : "only root can start its daemon";
}

/** Somebody who may use the tests' daemon, and nothing else that others may not. */
export function dockerMember(): Person {
  const name = "qpod-test-member";
  if (spawnSync("getent", ["group", GROUP]).status !== 0) execFileSync("groupadd", ["--system", GROUP]);
  if (spawnSync("id", [name]).status !== 0) execFileSync("useradd", ["--create-home", "--shell", "/bin/sh", "--groups", GROUP, name]);
  const [, , uid, gid] = execFileSync("getent", ["passwd", name], { encoding: "utf8" }).trim().split(":");
  return { name, uid: Number(uid), gid: Number(gid) };
}

interface Daemon {
  pid: number;
  startTime: string;
  /** The test run it belongs to. */
  owner: { pid: number; startTime: string };
  place: string;
}

let users = 0;
let running: Daemon | undefined;

/**
 * Starts a daemon of our own, unless this process has one, and says what DOCKER_HOST is. Its images are kept between
 * runs; its socket is a test group's.
 * @throws with the daemon's last words when it does not start.
 */
export function useDocker(): string {
  users++;
  running ??= start("overlay2") ?? start("vfs") ?? fail();
  return `unix://${running.place}/docker.sock`;
}

/** Ends the daemon with its last user. Gone when this returns: its folder is the next one's. */
export function leaveDocker(): void {
  if (--users > 0 || !running) return;
  end(running);
  running = undefined;
}

function start(driver: string): Daemon | undefined {
  dockerMember();
  mkdirSync(folder, { recursive: true });
  waitForOthers();
  const place = mkdtempSync(join(tmpdir(), "qpod-docker-"));
  chmodSync(place, 0o755);
  const log = openSync(join(folder, "log"), "w");
  const words = [
    ...["--data-root", join(folder, driver), "--exec-root", join(place, "exec"), "--pidfile", join(place, "pid")],
    ...["--host", `unix://${place}/docker.sock`, "--group", GROUP],
    // No network is made: pods have the host's.
    ...["--iptables=false", "--ip6tables=false", "--bridge=none"],
    ...["--storage-driver", driver],
    ...(existsSync("/run/systemd/system") ? [] : ["--exec-opt", "native.cgroupdriver=cgroupfs"]),
  ];
  // In a mount namespace of its own: another daemon's containerd would be used if it were seen, and nothing stays mounted.
  const hide = 'mkdir -p /run/containerd && mount -t tmpfs none /run/containerd && exec "$0" "$@"';
  const apart = ["--mount", "--propagation", "slave", "sh", "-c", hide, "dockerd"];
  const { pid = 0 } = spawn("unshare", [...apart, ...words], { detached: true, stdio: ["ignore", log, log] });
  closeSync(log);
  const daemon = { pid, startTime: String(readStartTime(pid)), owner: us(), place };
  writeFileSync(note, JSON.stringify(daemon));
  const answers = () => spawnSync("docker", ["--host", `unix://${place}/docker.sock`, "version"]).status === 0;
  if (waitUntil(() => !lives(daemon) || answers()) && lives(daemon)) {
    removeLeftovers(place);
    return daemon;
  }
  end(daemon);
  return undefined;
}

/** Of a run that did not come to its end. */
function removeLeftovers(place: string): void {
  const docker = (...args: string[]) => execFileSync("docker", ["--host", `unix://${place}/docker.sock`, ...args], { encoding: "utf8" });
  const left = docker("ps", "--all", "--quiet").split("\n").filter(Boolean);
  if (left.length > 0) docker("rm", "--force", "--volumes", ...left);
}

function fail(): never {
  const words = readFileSync(join(folder, "log"), "utf8").trimEnd().split("\n").slice(-3).join("\n");
  throw new Error(`dockerd does not start:\n${words}`);
}

/** Another run's daemon is waited for; that of a run which is no more is ended. */
function waitForOthers(): void {
  if (!existsSync(note)) return;
  const other = JSON.parse(readFileSync(note, "utf8")) as Daemon;
  waitUntil(() => !lives(other) || !lives(other.owner), 1_800_000);
  end(other);
}

function end(daemon: Daemon): void {
  if (lives(daemon)) process.kill(daemon.pid, "SIGTERM");
  if (!waitUntil(() => !lives(daemon))) throw new Error(`dockerd (process ${daemon.pid}) does not end`);
  rmSync(daemon.place, { recursive: true, force: true });
}

const lives = ({ pid, startTime }: { pid: number; startTime: string }) => isAlive({ pid, startTime: BigInt(startTime) });
const us = () => ({ pid: process.pid, startTime: String(readStartTime(process.pid)) });
