import { readFileSync } from "node:fs";
import type { FirstProcess } from "../launch/first-process.ts";
import type { RuntimeLayout } from "../launch/layout.ts";
import { decodeOperations, op } from "../launch/operations.ts";

export interface PodEntry extends FirstProcess {
  definition: bigint;
}

/** What a pod's entry file says of its first process; undefined when there is none that can be read. */
export function readPodEntry(layout: RuntimeLayout, id: string): PodEntry | undefined {
  try {
    const first = decodeOperations(readFileSync(layout.entry(id)))[0];
    if (first?.code !== op.pod) return undefined;
    const [pid, startTime, definition, serves] = first.numbers;
    return { pid: Number(pid), startTime, definition, ...(serves > 0n ? { serves } : {}) };
  } catch {
    // Missing, damaged or of another version: the launcher makes it again.
    return undefined;
  }
}
