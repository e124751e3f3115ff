import { writeSync } from "node:fs";
import { QpodError } from "../base/errors.ts";
import { encodeOperations, type Operation } from "./operations.ts";

/**
 * Hands over to the program in front of Node, which becomes what the plan says: so the shell's child is the command
 * itself, and nothing of ours stays between them.
 */
export function handOver(plan: readonly Operation[]): void {
  const fd = Number(process.env.QPOD_PLAN ?? Number.NaN);
  if (!Number.isInteger(fd)) {
    throw new QpodError({
      fact: "this command must be started by bin/qpod, which becomes the command it runs",
      remedy: "Run `make build`, then bin/qpod.",
    });
  }
  const bytes = encodeOperations(plan);
  for (let done = 0; done < bytes.length; ) done += writeSync(fd, bytes, done);
}
