import { type ChildProcess, type StdioOptions, spawn } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { constants } from "node:os";
import type { Readable } from "node:stream";
import { errnoOf, QpodError } from "../base/errors.ts";

/** What a descriptor of the child is: one of ours, a pipe, or nothing. */
export type Channel = "pipe" | "ignore" | number;

export interface Ended {
  /** 128 + n for death by signal n, as shells say it. */
  status: number;
  signal?: NodeJS.Signals;
}

export interface Child {
  process: ChildProcess;
  /** Resolves when the child has ended, whoever still holds its pipes. */
  ended: Promise<Ended>;
  readable(descriptor: number): Readable;
}

/**
 * Starts a program with these descriptors and no others.
 * @param missing what to say when there is no such program.
 */
export async function startChild(
  argv: readonly [string, ...string[]],
  channels: Map<number, Channel>,
  options: { cwd?: string | undefined; env?: NodeJS.ProcessEnv | undefined; missing: QpodError },
): Promise<Child> {
  // Node gives a child /dev/null for the first three only.
  const nothing = [...channels].some(([fd, channel]) => fd > 2 && channel === "ignore") ? openSync("/dev/null", "r+") : undefined;
  const of = (fd: number) => (fd > 2 && channels.get(fd) === "ignore" ? nothing : channels.get(fd));
  const stdio: StdioOptions = Array.from({ length: Math.max(2, ...channels.keys()) + 1 }, (_, fd) => of(fd) ?? "ignore");
  const [program, ...args] = argv;
  const child = spawn(program, args, { stdio, cwd: options.cwd, env: options.env ?? process.env });
  if (nothing !== undefined) closeSync(nothing);
  const ended = new Promise<Ended>((resolve) => {
    child.once("exit", (code, signal) => {
      const number = signal ? (constants.signals as Partial<Record<NodeJS.Signals, number>>)[signal] : undefined;
      resolve({ status: code ?? 128 + (number ?? 0), ...(signal ? { signal } : {}) });
    });
  });
  await new Promise<void>((resolve, reject) => {
    child.once("spawn", resolve);
    child.once("error", (error) => {
      if (errnoOf(error) === "ENOENT") reject(options.missing);
      else reject(new QpodError({ fact: `cannot run ${program}: ${errnoOf(error) ?? error}`, cause: error }));
    });
  });
  return { process: child, ended, readable: (descriptor) => child.stdio[descriptor] as Readable };
}
