import { errnoOf } from "../base/errors.ts";
import { encodeOperations, type Operation, op, request, signalHow } from "../launch/operations.ts";
import { type ChildRecord, decodeStatus } from "../launch/status.ts";
import { errnoName, explainErrno } from "./errno.ts";
import { hearRecord, type Listener, openEnd, type Running } from "./launch.ts";
import { type OwnLauncher, startOwnLauncher } from "./own-launcher.ts";

interface Entry {
  listener: Listener;
  /** By number in the child. */
  directions: ReadonlyMap<number, "read" | "written">;
  isReferenced: boolean;
}

/**
 * The launcher that stays: started by the first command, it starts all others by vfork from its own small memory, so
 * that neither the size of this process nor its event loop matters. It ends when this process does.
 */
class Resident {
  readonly #launcher: OwnLauncher;
  readonly #children = new Map<number, Entry>();
  #referenced = 0;
  #next = 1;
  #rest: Buffer = Buffer.alloc(0);
  isGone = false;

  constructor() {
    this.#launcher = startOwnLauncher("spawn-many", {
      // It must not keep a file system from being unmounted.
      cwd: "/",
      onError: (error) => this.#lose(`cannot start the launcher of commands: ${error.message}`),
    });
    this.#launcher.channel.on("data", (bytes: Buffer) => this.#hear(bytes));
    this.#launcher.channel.on("close", () => this.#lose("the launcher of commands was ended"));
    this.#launcher.unref();
  }

  get pid(): number | undefined {
    return this.#launcher.pid;
  }

  start(list: readonly Operation[], directions: Entry["directions"], listener: Listener): Running {
    const number = this.#next;
    // The format has 32 bits for it; 0 is nobody.
    this.#next = this.#next === 0xffffffff ? 1 : this.#next + 1;
    this.#children.set(number, { listener, directions, isReferenced: false });
    this.#reference(number, true);
    this.#send(number, request.spawn, [], list);
    return {
      signal: (signal, tree) => this.#send(number, request.signal, [signal, tree ? signalHow.tree : signalHow.alone]),
      end: (signal, grace) => this.#send(number, request.signal, [signal, signalHow.grace + grace]),
      notify: () => this.#send(number, request.notify),
      release: () => this.#send(number, request.release),
      ref: () => this.#reference(number, true),
      unref: () => this.#reference(number, false),
    };
  }

  #send(child: number, what: number, numbers: number[] = [], rest: readonly Operation[] = []): void {
    if (!this.isGone) this.#launcher.channel.write(encodeOperations([{ code: op.request, numbers: [child, what, ...numbers] }, ...rest]));
  }

  #reference(number: number, wanted: boolean): void {
    const entry = this.#children.get(number);
    if (!entry || entry.isReferenced === wanted) return;
    entry.isReferenced = wanted;
    this.#referenced += wanted ? 1 : -1;
    if (this.#referenced === 1 && wanted) this.#launcher.ref();
    if (this.#referenced === 0) this.#launcher.unref();
  }

  #hear(bytes: Buffer): void {
    const { records, rest } = decodeStatus(this.#rest.length > 0 ? Buffer.concat([this.#rest, bytes]) : bytes);
    this.#rest = rest;
    for (const record of records) if ("child" in record) this.#tell(record);
  }

  #tell(record: ChildRecord): void {
    const entry = this.#children.get(record.child);
    if (!entry) return;
    if (record.kind === "pipes") this.#openPipes(record, entry);
    else hearRecord(record, entry.listener);
  }

  /** The child's listener is done with it. */
  forget(listener: Listener): void {
    for (const [number, entry] of this.#children) {
      if (entry.listener !== listener) continue;
      this.#reference(number, false);
      this.#children.delete(number);
      return;
    }
  }

  #openPipes(record: ChildRecord & { kind: "pipes" }, { listener, directions }: Entry): void {
    try {
      for (const [target, fd] of record.ends) listener.onStream(target, openEnd(record.holder, fd, directions.get(target) ?? "read"));
    } catch (error) {
      const code = errnoOf(error) ?? errnoName(5);
      listener.onFailure({ kind: "set-up", cause: `cannot open the pipes: ${explainErrno(code)}`, code, step: "open the pipes" });
    }
    this.#send(record.child, request.opened);
  }

  #lose(cause: string): void {
    if (this.isGone) return;
    this.isGone = true;
    const children = [...this.#children.values()];
    this.#children.clear();
    for (const { listener } of children) {
      listener.onFailure({ kind: "lost", cause });
      listener.onEnded(undefined, undefined);
    }
  }
}

let current: { resident: Resident; owner: string } | undefined;

/** One per thread; another when it was ended, or when this process has become somebody else, whom it would not be. */
export function residentLauncher(): Resident {
  const owner = [process.getuid?.(), process.geteuid?.(), process.getgid?.(), process.getegid?.(), process.getgroups?.()].join();
  if (!current || current.resident.isGone || current.owner !== owner) current = { resident: new Resident(), owner };
  return current.resident;
}

/** Its process, once there is one. */
export function residentPid(): number | undefined {
  return current && !current.resident.isGone ? current.resident.pid : undefined;
}
