import type { Readable, Writable } from "node:stream";
import type { Mistake } from "./mistake.ts";

/** Which launcher starts it. */
export type Way = "resident" | "one-shot";

/** What a descriptor of the child is made of. */
export type Source =
  | { kind: "null" }
  | { kind: "bytes"; bytes: Uint8Array }
  | { kind: "file"; path: string; append: boolean }
  /** Ours of that number. */
  | { kind: "ours"; fd: number; closeInParent?: boolean }
  | { kind: "same"; as: number }
  /** Gathered for the result. */
  | { kind: "captured" }
  /** A pipe whose other end `Child` has. */
  | { kind: "pipe"; direction: "read" | "written"; stream?: Readable | Writable };

export type VariableRule =
  | { kind: "set"; name: string; value: string | undefined }
  | { kind: "pass"; name: string }
  | { kind: "pass-safe"; name: string; fallback: string | undefined }
  | { kind: "common" };

/** A step between fork and exec. */
export type SetUpStep =
  | "new-session"
  | "new-group"
  | "no-new-privileges"
  | { parentDeathSignal: NodeJS.Signals }
  | { ignoreSignal: NodeJS.Signals }
  | { write: string; text: string }
  | { chroot: string };

export interface Limits {
  /** Open files. */
  files?: Limit;
  /** Processes of the user. */
  processes?: Limit;
  /** Bytes of a core file. */
  core?: Limit;
  /** Bytes locked in memory. */
  memlock?: Limit;
  /** Seconds of processor time. */
  cpu?: Limit;
  /** Bytes of address space. */
  addressSpace?: Limit;
}

export type Limit = number | "unlimited";

/** What enters an environment: the public library makes them from names. */
export interface Enterable {
  /** Gets its pod ready to be entered, and says how the launcher finds it. */
  enter(): Promise<PodDoor | WordsDoor>;
}

/** A pod, which the launcher enters. */
export interface PodDoor {
  runtime: string;
  pod: string;
  definition: bigint;
  root: boolean;
}

/** Somewhere that a program brings the command to: words to be put in front of its own, for the folder that it asks for. */
export interface WordsDoor {
  words(folder: string | undefined): string[];
}

/** All that a command was told. */
export interface Settings {
  argv: string[];
  mistake: Mistake | undefined;
  variables: VariableRule[];
  /** All of ours pass before `variables` count. */
  inheritVariables: boolean;
  cwd: string | undefined;
  umask: number | undefined;
  limits: Limits;
  nice: number | undefined;
  oomScore: number | undefined;
  uid: number | undefined;
  gid: number | undefined;
  /** Undefined leaves them. */
  groups: number[] | undefined;
  /** Undefined leaves them; a list clears all others. */
  capabilities: string[] | undefined;
  apparmor: string | undefined;
  selinux: string | undefined;
  descriptors: Map<number, Source>;
  steps: SetUpStep[];
  handshake: boolean;
  daemon: boolean;
  pidfile: string | undefined;
  timeout: number | undefined;
  killSignal: NodeJS.Signals;
  /** Milliseconds from the kill signal to SIGKILL. */
  killGrace: number;
  /** Milliseconds for which output is waited for after its end; each chunk begins them anew. */
  outputGrace: number;
  abort: AbortSignal | undefined;
  encoding: "utf8" | "buffer";
  way: Way;
  environment: Enterable | undefined;
}

export function emptySettings(argv: string[]): Settings {
  return {
    argv,
    mistake: undefined,
    variables: [],
    inheritVariables: true,
    cwd: undefined,
    umask: undefined,
    limits: {},
    nice: undefined,
    oomScore: undefined,
    uid: undefined,
    gid: undefined,
    groups: undefined,
    capabilities: undefined,
    apparmor: undefined,
    selinux: undefined,
    descriptors: new Map<number, Source>(),
    steps: [],
    handshake: false,
    daemon: false,
    pidfile: undefined,
    timeout: undefined,
    killSignal: "SIGTERM",
    killGrace: 5000,
    outputGrace: 100,
    abort: undefined,
    encoding: "utf8",
    way: "resident",
    environment: undefined,
  };
}

/** What is told to one is not told to the other. */
export function copySettings(settings: Settings): Settings {
  return {
    ...settings,
    argv: [...settings.argv],
    variables: [...settings.variables],
    steps: [...settings.steps],
    descriptors: new Map(settings.descriptors),
    capabilities: settings.capabilities && [...settings.capabilities],
  };
}
