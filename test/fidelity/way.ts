import type { Installation } from "../support/installation.ts";
import type { Person } from "../support/person.ts";
import type { Visit } from "./visit.ts";

/** What every way of entry is tried with. */
export interface Kit {
  installation: Installation;
  /** Root, an ordinary user, and one who may use docker. */
  person(as: As): Person;
  /** A root tree with make, gdb, vim and less, as a folder and as a tarball: the same for all. */
  tree: string;
  archive(): Promise<string>;
  /** Built from native/: what prepares a command, and what says what it sees. */
  programs: { caller: string; probe: string };
}

/** A way of entry that was opened: commands can be run by it. */
export interface Way {
  person: Person;
  /** Of whoever runs a command. */
  env: Record<string, string>;
  /** Has the same path on both sides. */
  repository: string;
  /** A folder that only the host has. */
  elsewhere: string;
  /** What a person would type, to run this there. */
  enter(argv: readonly string[], where: { terminal: boolean; cwd: string }): string[];
  /** Takes long for each command: it is asked for less. */
  slow?: boolean;
  close(): void | Promise<void>;
}

export type As = "root" | "ordinary" | "member";

export interface Column {
  name: string;
  /** For the page: how commands were run, and what that needed. */
  how: string;
  /** What is to be said of its differences. */
  note?: string;
  kind: "native" | "qpod" | "peer";
  as: As;
  /** Throws an error that says why, when it cannot be had here. */
  open(kit: Kit): Way | Promise<Way>;
}

/** `undefined`: nothing was said. */
export type Value = string | number | boolean | null | undefined | Value[] | { [key: string]: Value };

export interface Row {
  name: string;
  /** Tried with a terminal, without, or both. */
  terminal: "both" | "only" | "never";
  see(visit: Visit): Promise<Value>;
  /** What is right, where it is not what native does. */
  right?: Value;
  /** A figure that is shown, and not judged. */
  figure?: true;
  /** Programs that the root tree must have. */
  needs?: string;
  /** Why a qpod column differs, for the page. */
  because?: string;
}
