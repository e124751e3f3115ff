import { execFileSync, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { setTimeout } from "node:timers/promises";
import type { Line } from "./result.ts";

const HOLDER = "test/tmp/hold-lab.mjs";
/** Milliseconds in which a runner makes a lab, and in which the kernel ends what was in it. */
const LIFE = 250;
const PATIENCE = 10_000;

/** Kills the runner of a lab at a random moment, again and again, and looks for what is left. */
export async function killRunners(count: number): Promise<Line> {
  const options = ["--bundle", "--platform=node", "--format=esm", "--target=node20", "--log-level=warning", `--outfile=${HOLDER}`];
  execFileSync("node_modules/.bin/esbuild", ["bench/support/hold-lab.ts", ...options]);
  const before = lookAround();
  let left = 0;
  for (let i = 0; i < count; i++) {
    const mark = `QPOD_LAB_MARK=${process.pid}-${i}.`;
    const child = spawn(process.execPath, [HOLDER], { stdio: "ignore", env: { ...process.env, QPOD_LAB_MARK: `${process.pid}-${i}.` } });
    await setTimeout(Math.random() * LIFE);
    child.kill("SIGKILL");
    await once(child, "exit");
    const deadline = performance.now() + PATIENCE;
    while (isMarked(mark) && performance.now() < deadline) await setTimeout(1);
    if (isMarked(mark) || lookAround() !== before) left++;
  }
  return {
    what: `SIGKILL of the runner, ${count} times: left something`,
    budget: "none",
    measured: String(left),
    verdict: left === 0 ? "within" : "over",
  };
}

/** Is there a process that was started by that runner? What it holds (namespaces, mounts, links) lives as long as it does. */
function isMarked(mark: string): boolean {
  return readdirSync("/proc").some((pid) => {
    try {
      return /^\d+$/.test(pid) && readFileSync(`/proc/${pid}/environ`, "latin1").includes(mark);
    } catch {
      return false;
    }
  });
}

function lookAround(): string {
  const mounts = readFileSync("/proc/self/mountinfo", "utf8")
    .split("\n")
    .filter((line) => line.includes("/.lab"));
  const links = spawnSync("ip", ["-o", "link"], { encoding: "utf8" })
    .stdout.split("\n")
    .filter((line) => /: eth0@/.test(line));
  return JSON.stringify([mounts, links, spawnSync("ip", ["netns", "list"], { encoding: "utf8" }).stdout]);
}
