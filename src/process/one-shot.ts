import { type ChildProcess, spawn } from "node:child_process";
import type { Socket } from "node:net";
import { errnoOf } from "../base/errors.ts";
import { readStartTime } from "../launch/first-process.ts";
import { nativeFile } from "../launch/locate.ts";
import { encodeOperations, type Operation, op, request } from "../launch/operations.ts";
import { type ChildRecord, decodeStatus } from "../launch/status.ts";
import { errnoName, explainErrno } from "./errno.ts";
import { hearRecord, type Listener, openEnd, type Running } from "./launch.ts";
import { channelOf } from "./own-launcher.ts";

/** The first descriptor of ours in the launcher; below are its own three and the channel. */
export const FIRST_SLOT = 4;

export interface OneShot {
  list: readonly Operation[];
  /** Ours, in the order of their slots. */
  passed: readonly number[];
  directions: ReadonlyMap<number, "read" | "written">;
  /** Which of the pipes are gathered. */
  captured: ReadonlySet<number>;
}

/**
 * The launcher that becomes the command: a process of its own for each, started by Node, so that it can be given any
 * descriptor of ours, which no socket of Node's can carry.
 */
export function startOneShot(shot: OneShot, listener: Listener): Running {
  const child = spawn(nativeFile("qpod-launch"), ["spawn"], {
    stdio: ["ignore", "ignore", "ignore", "pipe", ...shot.passed],
    // For Node, which it may have to start a pod with; the command gets what the request says.
    env: process.env,
  });
  const channel = channelOf(child);
  let rest: Buffer = Buffer.alloc(0);
  const gathered: Socket[] = [];
  let hasFailed = false;
  const fail: Listener["onFailure"] = (failure) => {
    hasFailed = true;
    listener.onFailure(failure);
  };
  const hear: Listener = { ...bind(listener), onFailure: fail };
  channel.on("data", (bytes: Buffer) => {
    const decoded = decodeStatus(Buffer.concat([rest, bytes]));
    rest = decoded.rest;
    for (const record of decoded.records) {
      if (!("child" in record)) continue;
      if (record.kind === "pipes") openPipes(record, shot, hear, channel, gathered);
      else hearRecord(record, hear);
    }
  });
  channel.on("error", () => {});
  // exec closes it: so the program runs, unless there was a word of failure.
  channel.on("end", () => {
    if (!hasFailed && child.pid !== undefined) listener.onRuns(child.pid);
  });
  child.on("error", (error) => {
    const code = errnoOf(error);
    fail({ kind: "set-up", cause: `cannot start the launcher: ${error.message}`, code, step: "start the launcher" });
    listener.onEnded(undefined, undefined);
  });
  child.on("close", (code, signal) => {
    if (child.pid !== undefined) listener.onEnded(code ?? undefined, signal ?? undefined);
  });
  channel.write(encodeOperations([{ code: op.request, numbers: [1, request.spawn] }, ...shot.list]));
  return {
    signal: (signal, tree) => signalOneShot(child, signal, tree ? -1 : undefined),
    end: (signal, grace) => signalOneShot(child, signal, grace),
    notify: () => void channel.write("n"),
    release: () => {
      for (const stream of gathered) stream.destroy();
    },
    ref: () => reference(child, channel, true),
    unref: () => reference(child, channel, false),
  };
}

function bind(listener: Listener): Listener {
  return {
    onStream: (target, stream) => listener.onStream(target, stream),
    onWaiting: () => listener.onWaiting(),
    onRuns: (pid) => listener.onRuns(pid),
    onDaemon: (pid) => listener.onDaemon(pid),
    onOutput: (target, bytes) => listener.onOutput(target, bytes),
    onClosed: (target) => listener.onClosed(target),
    onFailure: (failure) => listener.onFailure(failure),
    onEnded: (exitCode, signal) => listener.onEnded(exitCode, signal),
  };
}

function openPipes(record: ChildRecord & { kind: "pipes" }, shot: OneShot, listener: Listener, channel: Socket, gathered: Socket[]): void {
  try {
    for (const [target, fd] of record.ends) {
      const stream = openEnd(record.holder, fd, shot.directions.get(target) ?? "read");
      if (!shot.captured.has(target)) {
        listener.onStream(target, stream);
        continue;
      }
      stream.on("data", (bytes: Buffer) => listener.onOutput(target, bytes));
      stream.on("error", () => {});
      stream.on("close", () => listener.onClosed(target));
      gathered.push(stream);
    }
  } catch (error) {
    const code = errnoOf(error) ?? errnoName(5);
    listener.onFailure({ kind: "set-up", cause: `cannot open the pipes: ${explainErrno(code)}`, code, step: "open the pipes" });
    // It waits for us to have them, and ends when we are gone.
    channel.destroy();
    return;
  }
  channel.write("o");
}

/** @param grace undefined: it alone; -1: the tree; else the tree, and SIGKILL so many milliseconds later. */
function signalOneShot(child: ChildProcess, signal: number, grace: number | undefined): void {
  const { pid } = child;
  if (pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const start = grace === undefined ? undefined : readStartTime(pid);
  if (start === undefined) {
    child.kill(signal);
    return;
  }
  const words = ["kill-tree", String(pid), String(start), String(signal), String(grace)];
  spawn(nativeFile("qpod-launch"), words, { stdio: "ignore", env: {} }).unref();
}

function reference(child: ChildProcess, channel: Socket, wanted: boolean): void {
  if (wanted) {
    child.ref();
    channel.ref();
  } else {
    child.unref();
    channel.unref();
  }
}
