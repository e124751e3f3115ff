import { execFileSync, spawnSync } from "node:child_process";
import type { Person } from "./person.ts";

/** Somebody whom no other suite uses: their folder in /tmp is ours to plant. No subordinate ids. */
export function strangerUser(): Person {
  const name = "qpod-test-stranger";
  if (spawnSync("id", [name]).status !== 0) {
    execFileSync("useradd", ["--create-home", "--shell", "/bin/sh", "-K", "SUB_UID_COUNT=0", "-K", "SUB_GID_COUNT=0", name]);
  }
  const [, , uid, gid] = execFileSync("getent", ["passwd", name], { encoding: "utf8" }).trim().split(":");
  return { name, uid: Number(uid), gid: Number(gid) };
}
