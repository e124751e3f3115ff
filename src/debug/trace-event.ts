/** What a traced program does, as it happens. Times are seconds since the epoch, durations seconds. */
export type TraceEvent = CallEvent | ExecEvent | SignalEvent | ExitEvent | NoteEvent;

interface Happened {
  /** Of the thread; a process's first thread has the number of the process. */
  pid: number;
  time: number;
}

/** A system call (or a library's function), told when it has returned (or when its caller has ended in it). */
export interface CallEvent extends Happened {
  kind: "call";
  name: string;
  /** Of a library's function: the program or library that calls it. */
  caller?: string;
  args: Value[];
  /** The arguments as strace writes them. */
  text: string;
  /** Absent where there is none: `exit`, or a call that its caller did not survive. Beyond 2^53 a bigint. */
  result?: number | bigint;
  /** What strace adds: the path of a descriptor, which descriptors are ready. */
  detail?: string;
  errno?: string;
  duration?: number;
  /** Made to fail by `inject`. */
  injected?: true;
  /** Its caller ended, or was taken over, before it returned. */
  unfinished?: true;
}

export interface ExecEvent extends Happened {
  kind: "exec";
  path: string;
  argv: string[];
}

export interface SignalEvent extends Happened {
  kind: "signal";
  signal: string;
  /** "stopped": the process is stopped by it. */
  what: "delivered" | "stopped";
  info?: Value;
}

export interface ExitEvent extends Happened {
  kind: "exit";
  status?: number;
  /** Instead of a status: what killed it. */
  signal?: string;
  core?: true;
}

/** What strace says beside that: a change of word size, what it cannot decode. */
export interface NoteEvent extends Happened {
  kind: "note";
  text: string;
}

/** An argument. `cut`: strace left something out. */
export type Value =
  | { type: "number"; value: number | bigint; text: string }
  /** `hex` where the bytes are no UTF-8; `text` then shows them as Latin-1. */
  | { type: "string"; text: string; cut?: true; hex?: string }
  /** NULL, AF_INET, an address that was not followed. */
  | { type: "symbol"; name: string }
  | { type: "flags"; names: string[] }
  | { type: "array"; items: Value[]; cut?: true; negated?: true }
  | { type: "struct"; fields: Record<string, Value>; items?: Value[]; cut?: true }
  /** htons(80), inet_addr("127.0.0.1") */
  | { type: "function"; name: string; args: Value[] }
  | { type: "descriptor"; value: number | string; path: string }
  /** Before and after the call. */
  | { type: "change"; before: Value; after: Value }
  | { type: "raw"; text: string };
