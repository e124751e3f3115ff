import { randomBytes } from "node:crypto";
import { mkdirSync, readFileSync, readlinkSync, symlinkSync, unlinkSync } from "node:fs";
import { hostname } from "node:os";
import { dirname } from "node:path";
import { setTimeout } from "node:timers/promises";
import { errnoOf, QpodError, remedyFor } from "./errors.ts";

export interface LockOptions {
  /** Milliseconds to wait for another holder. */
  timeout?: number;
  /** What is being locked, for the error: "the list of bound repositories". */
  what?: string;
}

/**
 * Runs an action while holding a lock that others, in this process or another, wait for.
 *
 * The lock is a symlink whose content names its holder: unlike a file it appears whole, and needs no descriptor
 * that a child could inherit. A holder that died is found out by its pid and start time.
 */
export async function withLock<T>(path: string, action: () => T | Promise<T>, options: LockOptions = {}): Promise<T> {
  const mine = describeHolder();
  const deadline = performance.now() + (options.timeout ?? 10_000);
  let pause = 2;
  makeFolder(path);
  while (!tryTake(path, mine)) {
    const left = deadline - performance.now();
    if (left <= 0) throw stillHeld(path, options.what ?? "the lock");
    await setTimeout(Math.min(left, pause * (0.5 + Math.random())));
    pause = Math.min(50, pause * 2);
  }
  try {
    return await action();
  } finally {
    if (readHolder(path) === mine) unlinkSync(path);
  }
}

/**
 * A dead holder's lock may be removed only by who holds the claim on exactly that lock (its name has the dead
 * lock's random part). Otherwise a slow process that saw the dead one could remove the lock of its successor.
 * The claim is a lock like any other, so a claimant that dies is succeeded in the same way.
 */
function tryTake(path: string, mine: string): boolean {
  if (make(path, mine)) return true;
  const holder = readHolder(path);
  if (holder === undefined) return make(path, mine);
  if (!isDead(holder)) return false;
  const claim = `${path}.${nonceOf(holder)}`;
  if (!tryTake(claim, mine)) return false;
  try {
    if (readHolder(path) === holder) unlinkSync(path);
  } finally {
    unlinkSync(claim);
  }
  return make(path, mine);
}

function makeFolder(path: string): void {
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  } catch (error) {
    throw cannotMake(path, error);
  }
}

function make(path: string, mine: string): boolean {
  try {
    symlinkSync(mine, path);
    return true;
  } catch (error) {
    if (errnoOf(error) === "EEXIST") return false;
    throw cannotMake(path, error);
  }
}

function cannotMake(path: string, error: unknown): QpodError {
  const remedy = errnoOf(error) === "EACCES" ? "The folder must be yours and writable." : remedyFor(error);
  return new QpodError({ fact: `cannot make the lock: ${errnoOf(error) ?? error}`, place: { file: path }, remedy, cause: error });
}

function readHolder(path: string): string | undefined {
  try {
    return readlinkSync(path);
  } catch (error) {
    if (errnoOf(error) === "ENOENT") return undefined;
    throw new QpodError({
      fact: `there is something in the lock's place: ${errnoOf(error) ?? error}`,
      place: { file: path },
      remedy: `Remove ${path}.`,
      cause: error,
    });
  }
}

/** Equal machine, boot and pid namespace: only there does a pid mean anything to us. */
function describeHolder(): string {
  const nonce = randomBytes(6).toString("hex");
  return [process.pid, startTimeOf(process.pid), bootId(), pidNamespace(), hostname(), nonce].join(":");
}

function isDead(holder: string): boolean {
  const [pid, startTime, boot, namespace, host] = holder.split(":");
  if (host === undefined) return true;
  if (boot !== bootId()) return host === hostname();
  if (namespace !== pidNamespace()) return false;
  return String(startTimeOf(Number(pid))) !== startTime;
}

function nonceOf(holder: string): string {
  return (
    holder
      .split(":")
      .at(-1)
      ?.replaceAll(/[^0-9a-f]/g, "")
      .slice(0, 12) || "damaged"
  );
}

function stillHeld(path: string, what: string): QpodError {
  const [pid, , , , host] = (readHolder(path) ?? "").split(":");
  const where = host === undefined || host === hostname() ? "" : ` on ${host}`;
  return new QpodError({
    fact: `${what} is locked by process ${pid || "?"}${where}`,
    place: { file: path },
    remedy: "Try again when it has ended. If there is no such process, remove that file.",
  });
}

/** When a process began, in clock ticks since boot: with the pid it names one process for ever. Undefined when it has ended. */
export function startTimeOf(pid: number): bigint | undefined {
  let stat: string;
  try {
    stat = readFileSync(`/proc/${pid}/stat`, "latin1");
  } catch {
    return undefined;
  }
  // The command's name, in parentheses, may itself hold spaces and parentheses.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const [state, startTime] = [fields[0], fields[19]];
  return startTime === undefined || state === "Z" || state === "X" ? undefined : BigInt(startTime);
}

function bootId(): string {
  return readFileSync("/proc/sys/kernel/random/boot_id", "latin1").trim();
}

function pidNamespace(): string {
  return readlinkSync("/proc/self/ns/pid").replaceAll(/\D/g, "");
}
