import { type MiTuple, textOf, tupleOf, tuplesOf } from "./mi-record.ts";

export interface Frame {
  level: number;
  address: string;
  function?: string;
  /** By name, as gdb prints the values; only in a backtrace and where the program has stopped. */
  args: { name: string; value: string }[];
  file?: string;
  fullName?: string;
  line?: number;
  /** Of the shared library that it is in, where there is no source. */
  library?: string;
}

export interface Breakpoint {
  number: number;
  kind: string;
  /** Not in the program as far as it is loaded; set when a library brings it. */
  isPending: boolean;
  function?: string;
  file?: string;
  line?: number;
  address?: string;
  /** What it was asked for by. */
  asked: string;
}

/** Why the program does not run any more, or not for now. */
export type Stop =
  | { reason: "breakpoint"; breakpoint: number; frame: Frame }
  | { reason: "watchpoint"; watchpoint: number; expression: string; before?: string; after?: string; frame: Frame }
  /** Left the block that a watched variable lives in. */
  | { reason: "scope"; watchpoint: number; frame: Frame }
  | { reason: "step"; frame: Frame }
  | { reason: "location"; frame: Frame }
  | { reason: "finish"; frame: Frame; value?: string }
  | { reason: "signal"; signal: string; meaning: string; frame: Frame }
  | { reason: "exited"; status: number }
  | { reason: "killed"; signal: string };

export function readFrame(tuple: MiTuple): Frame {
  const frame: Frame = {
    level: Number(textOf(tuple, "level") || 0),
    address: textOf(tuple, "addr"),
    args: tuplesOf(tuple.args).map((one) => ({ name: textOf(one, "name"), value: textOf(one, "value") })),
  };
  if (textOf(tuple, "func")) frame.function = textOf(tuple, "func");
  if (textOf(tuple, "file")) frame.file = textOf(tuple, "file");
  if (textOf(tuple, "fullname")) frame.fullName = textOf(tuple, "fullname");
  if (textOf(tuple, "line")) frame.line = Number(textOf(tuple, "line"));
  if (textOf(tuple, "from")) frame.library = textOf(tuple, "from");
  return frame;
}

export function readBreakpoint(tuple: MiTuple, asked: string): Breakpoint {
  // At several places: the first one stands for them.
  const place = textOf(tuple, "addr") === "<MULTIPLE>" ? (tuplesOf(tuple.locations)[0] ?? tuple) : tuple;
  const point: Breakpoint = {
    number: Number(textOf(tuple, "number")),
    kind: textOf(tuple, "type") || "watchpoint",
    isPending: textOf(tuple, "addr") === "<PENDING>" || tuple.pending !== undefined,
    asked,
  };
  if (textOf(place, "func")) point.function = textOf(place, "func");
  if (textOf(place, "file")) point.file = textOf(place, "file");
  if (textOf(place, "line")) point.line = Number(textOf(place, "line"));
  if (textOf(place, "addr").startsWith("0x")) point.address = textOf(place, "addr");
  return point;
}

/** From what `*stopped` tells. */
export function readStop(results: MiTuple): Stop {
  const frame = readFrame(tupleOf(results.frame) ?? {});
  const reason = textOf(results, "reason");
  switch (reason) {
    case "exited-normally":
      return { reason: "exited", status: 0 };
    case "exited":
      return { reason: "exited", status: Number.parseInt(textOf(results, "exit-code"), 8) };
    case "exited-signalled":
      return { reason: "killed", signal: textOf(results, "signal-name") };
    case "breakpoint-hit":
      return { reason: "breakpoint", breakpoint: Number(textOf(results, "bkptno")), frame };
    case "watchpoint-trigger":
    case "read-watchpoint-trigger":
    case "access-watchpoint-trigger":
      return readWatch(results, frame);
    case "watchpoint-scope":
      return { reason: "scope", watchpoint: Number(textOf(results, "wpnum")), frame };
    case "function-finished": {
      const value = textOf(results, "return-value");
      return { reason: "finish", frame, ...(value ? { value } : {}) };
    }
    case "signal-received":
      return { reason: "signal", signal: textOf(results, "signal-name"), meaning: textOf(results, "signal-meaning"), frame };
    case "location-reached":
      return { reason: "location", frame };
    default:
      return { reason: "step", frame };
  }
}

function readWatch(results: MiTuple, frame: Frame): Stop {
  const point = tupleOf(results.wpt) ?? tupleOf(results["hw-rwpt"]) ?? tupleOf(results["hw-awpt"]) ?? {};
  const value = tupleOf(results.value) ?? {};
  const stop: Extract<Stop, { reason: "watchpoint" }> = {
    reason: "watchpoint",
    watchpoint: Number(textOf(point, "number")),
    expression: textOf(point, "exp"),
    frame,
  };
  if (textOf(value, "old")) stop.before = textOf(value, "old");
  if (textOf(value, "new") || textOf(value, "value")) stop.after = textOf(value, "new") || textOf(value, "value");
  return stop;
}
