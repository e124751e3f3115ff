import { formatError, type Problem, QpodError } from "../base/errors.ts";

/** What went wrong, for programs. */
export type LabErrorCode =
  /** A name that no host, switch or interface can have. */
  | "bad-name"
  | "duplicate"
  | "bad-address"
  | "bad-mtu"
  | "bad-value"
  /** A root that there is none of, or that cannot be had. */
  | "bad-root"
  /** A host, switch or interface that there is none of. */
  | "unknown"
  /** This system does not let this user make a lab; nothing was changed. */
  | "not-permitted"
  /** This kernel cannot delay, lose or slow packets; nothing was changed. */
  | "no-netem"
  /** The kernel refused something; the lab is gone. */
  | "kernel"
  /** It is not up yet, is up already, or has ended. */
  | "state"
  /** A command in a host failed. */
  | "command"
  | "timeout";

/** What a lab cannot do, and why. */
export class LabError extends QpodError {
  readonly code: LabErrorCode;
  /** What leads to the mistake in the topology, if it is one. */
  readonly path: Fault["path"] | undefined;

  constructor(code: LabErrorCode, problem: Problem, path?: Fault["path"]) {
    super(problem);
    this.name = "LabError";
    this.code = code;
    this.path = path;
    // Who catches it in a test sees the message alone.
    this.message = formatError(this).replace(/^qpod: /, "");
  }
}

/** A mistake in a topology. `path` leads to it in the data. */
export interface Fault {
  code: LabErrorCode;
  fact: string;
  path: (string | number)[];
  remedy?: string | undefined;
}

/** Throws if there is any: the first, with the others below it. */
export function refuseFaults(faults: readonly Fault[]): void {
  const [first, ...others] = faults;
  if (!first) return;
  const remedy = [first.remedy, ...others.slice(0, 10).map(({ fact }) => `also: ${fact}`)].filter(Boolean).join("\n  ");
  throw new LabError(first.code, { fact: first.fact, remedy: remedy || undefined }, first.path);
}
