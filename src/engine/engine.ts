import type { Progress } from "../base/progress.ts";
import type { EngineName, Environment } from "../config/environment.ts";
import type { PreparedRoot } from "../image/root-tree.ts";
import type { FirstProcess } from "../launch/first-process.ts";
import type { Operation } from "../launch/operations.ts";
import type { Worktree } from "../repo/worktree.ts";

/** The running instance of one environment for one work tree: what an engine is asked to start. */
export interface Pod {
  /** Names its files and containers; holds the hash of all that the pod's namespaces are made from. */
  id: string;
  worktree: Worktree;
  environment: Environment;
  root: PreparedRoot;
  /** What is shown in the work tree's place: a scratch's copy, or the overlay that is mounted there with these options. */
  scratch?: { merged: string; overlay?: string };
  /** Entries with another definition are made anew, without a new pod. */
  definition: bigint;
}

/** Whether an engine can serve an environment on this machine, and why or why not; shown by explain and doctor. */
export interface Assessment {
  able: boolean;
  reason: string;
  remedy?: string;
}

export interface RunningPod extends FirstProcess {
  id: string;
}

export interface Engine {
  readonly name: EngineName;
  /** Cheap: looks at the definition and at what the host can do; starts nothing that takes long. */
  assess(environment: Environment): Promise<Assessment>;
  /**
   * Gets the root filesystem ready (pull, unpack, bootstrap, build), or finds that it is.
   * @param renew asks for the present state of what the definition names, though one is at hand.
   */
  prepare(environment: Environment, progress: Progress, renew?: boolean): Promise<PreparedRoot>;
  /** The list with which the launcher makes the pod without Node; undefined when only `start` can. */
  startList?(pod: Pod): Operation[];
  /** Starts the pod. The caller holds the pod's lock. */
  start(pod: Pod, progress: Progress): Promise<FirstProcess>;
  /** CLONE_NEW* flags of the namespaces that the launcher joins. */
  joins(pod: Pod): number;
  /** The socket on which a process in the pod takes commands that may not join it; undefined when all may. */
  server?(id: string): string | undefined;
  /** Ends the first process and removes the engine's own record; what still runs inside goes on. */
  stop(id: string): Promise<void>;
  /** Pods of this user that the engine knows of, by their own word (not by our files). */
  list(): Promise<RunningPod[]>;
  /** Bytes on the disk that `remove` would free. */
  measure(id: string): Promise<number>;
  /** Removes what the pod left: writable layers, containers. */
  remove(id: string): Promise<void>;
  /**
   * Removes the image of a root that no environment has any more, if qpod fetched or made it. Returns the bytes freed.
   * @param gone pods whose containers do not count: they were removed, or a trial run says that they would be.
   */
  discard?(root: PreparedRoot, dryRun: boolean, gone: readonly string[]): Promise<number>;
  /** Removes what calls that were killed left with the engine. */
  sweep?(dryRun: boolean): Promise<{ what: string; bytes: number }[]>;
}
