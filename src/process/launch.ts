import { closeSync, constants, openSync } from "node:fs";
import { Socket } from "node:net";
import type { Readable, Writable } from "node:stream";
import type { ChildRecord } from "../launch/status.ts";
import { errnoName, explainErrno } from "./errno.ts";
import type { Failure } from "./outcome.ts";
import { signalName } from "./signals.ts";

/** What a launcher says of a child. */
export interface Listener {
  /** Our end of one of its pipes. */
  onStream(target: number, stream: Readable | Writable): void;
  onWaiting(): void;
  /** It has become the program. */
  onRuns(pid: number): void;
  onDaemon(pid: number): void;
  onOutput(target: number, bytes: Buffer): void;
  onClosed(target: number): void;
  /** It could not become the program; its end is still to come. */
  onFailure(failure: Failure): void;
  onEnded(exitCode: number | undefined, signal: NodeJS.Signals | undefined): void;
}

/** A child, for who started it. */
export interface Running {
  signal(number: number, tree: boolean): void;
  /** The whole tree, by SIGKILL after so many milliseconds. */
  end(number: number, grace: number): void;
  notify(): void;
  /** Nobody reads its output any more. */
  release(): void;
  /** Whether it keeps this process from ending. */
  ref(): void;
  unref(): void;
}

/** Hands a record on. `pipes` are opened by who knows which of them are ours. */
export function hearRecord(record: ChildRecord, listener: Listener): void {
  switch (record.kind) {
    case "failed":
      listener.onFailure(setUpFailure(record));
      break;
    case "notRun": {
      const code = errnoName(record.errno);
      const cause = `cannot run ${record.program}: ${record.explanation || explainErrno(code)}`;
      listener.onFailure({ kind: "exec", cause, code, argument: record.program });
      break;
    }
    case "waiting":
      listener.onWaiting();
      break;
    case "runs":
      listener.onRuns(record.pid);
      break;
    case "daemon":
      listener.onDaemon(record.pid);
      break;
    case "output":
      listener.onOutput(record.descriptor, record.bytes);
      break;
    case "closed":
      listener.onClosed(record.descriptor);
      break;
    case "ended":
      listener.onEnded(...splitStatus(record.status));
      break;
  }
}

function setUpFailure(record: ChildRecord & { kind: "failed" }): Failure {
  const code = record.errno === 0 ? undefined : errnoName(record.errno);
  const why = [code && explainErrno(code), record.explanation].filter(Boolean).join("; ");
  const what = `cannot ${record.operation}${record.argument ? ` ${record.argument}` : ""}`;
  return { kind: "set-up", cause: why ? `${what}: ${why}` : what, code, step: record.operation, argument: record.argument };
}

/** Exit status and signal, as wait(2) packs them. */
function splitStatus(status: number): [number | undefined, NodeJS.Signals | undefined] {
  return (status & 0x7f) === 0 ? [(status >> 8) & 0xff, undefined] : [undefined, signalName(status & 0x7f)];
}

/**
 * Our end of a pipe that the launcher made: opened through /proc, so that it has a description of its own. What libuv
 * does to it (O_NONBLOCK) the child's end does not see, as it would if one were handed over.
 */
export function openEnd(holder: number, fd: number, direction: "read" | "written"): Socket {
  const how = direction === "read" ? constants.O_RDONLY : constants.O_WRONLY;
  const own = openSync(`/proc/${holder}/fd/${fd}`, how | constants.O_NONBLOCK);
  try {
    return new Socket({ fd: own, readable: direction === "read", writable: direction === "written" });
  } catch (error) {
    closeSync(own);
    throw error;
  }
}
