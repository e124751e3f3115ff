/** `qpod/debug`: what programs ask of the kernel and of libraries, and gdb. See docs/debug.md. */
export type { Channel, Ended } from "./child.ts";
export { type Breaking, debug, type Gdb, type GdbOptions } from "./gdb.ts";
export { GdbError, type GdbFault } from "./gdb-error.ts";
export { type Played, playScript } from "./gdb-play.ts";
export type { Breakpoint, Frame, Stop } from "./gdb-results.ts";
export { readScript, type Step } from "./gdb-script.ts";
export { type LibraryTraceOptions, traceLibraries } from "./ltrace.ts";
export type { Place, Placing } from "./place.ts";
export { type Trace, type TraceOptions, trace } from "./trace.ts";
export type { CallEvent, ExecEvent, ExitEvent, NoteEvent, SignalEvent, TraceEvent, Value } from "./trace-event.ts";
