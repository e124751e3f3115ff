import { execFileSync, spawn } from "node:child_process";
import { chmodSync, closeSync, existsSync, mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { crunRefuses } from "../../src/engine/host-cgroups.ts";
import { thisHost } from "../../src/engine/host-view.ts";
import { readStartTime } from "../../src/launch/first-process.ts";
import { GROUP } from "./docker-daemon.ts";
import { waitUntil } from "./wait-until.ts";

let running: { pid: number; place: string } | undefined;

/**
 * Starts root's podman as a service whose socket is the test group's, and says what CONTAINER_HOST is.
 * @param env with the store that root's tests share.
 * @throws with the service's last words when it does not start.
 */
export function usePodmanService(env: Record<string, string>): string {
  const place = mkdtempSync(join(tmpdir(), "qpod-podman-service-"));
  chmodSync(place, 0o755);
  const socket = join(place, "podman.sock");
  const options = [
    ...(crunRefuses(thisHost()) ? ["--runtime", "runc"] : []),
    ...(existsSync("/run/systemd/system") ? [] : ["--cgroup-manager", "cgroupfs"]),
  ];
  const log = openSync(join(place, "log"), "w");
  // What it imports goes through its temporary folder, and stays there.
  const words = [...options, "system", "service", "--time", "0", `unix://${socket}`];
  const { pid = 0 } = spawn("podman", words, {
    detached: true,
    stdio: ["ignore", log, log],
    env: { ...process.env, ...env, TMPDIR: place },
  });
  closeSync(log);
  running = { pid, place };
  if (!waitUntil(() => existsSync(socket) || readStartTime(pid) === undefined) || !existsSync(socket)) {
    throw new Error(`podman's service does not start:\n${readFileSync(join(place, "log"), "utf8")}`);
  }
  execFileSync("chgrp", [GROUP, socket]);
  chmodSync(socket, 0o660);
  return `unix://${socket}`;
}

export function leavePodmanService(): void {
  if (!running) return;
  const { pid, place } = running;
  running = undefined;
  process.kill(pid, "SIGTERM");
  if (!waitUntil(() => readStartTime(pid) === undefined)) throw new Error(`podman's service (process ${pid}) does not end`);
  rmSync(place, { recursive: true, force: true });
}
