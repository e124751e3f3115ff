import type { Progress } from "../base/progress.ts";

/** A thing that was removed, in words. */
export interface Removed {
  what: string;
  bytes: number;
}

export interface GarbageOptions {
  /** Says the same, and removes nothing. */
  dryRun: boolean;
  /** Packages that were kept for the next bootstrap go too, whatever release they are of. */
  cache: boolean;
  progress: Progress;
}
