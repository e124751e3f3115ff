import { basename } from "node:path";
import type { TraceEvent } from "./trace-event.ts";

/** A part of the file that Chrome's tracing page, Perfetto and speedscope open. Times are in microseconds. */
export interface ChromeEvent {
  name: string;
  cat: string;
  /** X: has a duration; i: a moment; M: a name. */
  ph: "X" | "i" | "M";
  pid: number;
  tid: number;
  ts: number;
  dur?: number;
  s?: "t";
  args: Record<string, unknown>;
}

/** Translates events one by one; every thread is a track, named after its program. */
export function chromeTranslator(): (event: TraceEvent) => ChromeEvent[] {
  let start: number | undefined;
  return (event) => {
    start ??= event.time;
    const { pid } = event;
    const at = { pid, tid: pid, ts: Math.round((event.time - start) * 1e6) };
    const moment = (name: string, args: Record<string, unknown> = {}): ChromeEvent => ({
      name,
      cat: event.kind,
      ph: "i",
      s: "t",
      ...at,
      args,
    });
    switch (event.kind) {
      case "call": {
        const result = event.errno ?? (event.result === undefined ? "?" : String(event.result));
        const args = { arguments: event.text, result, ...(event.injected ? { injected: true } : {}) };
        return [{ name: event.name, cat: event.kind, ph: "X", ...at, dur: Math.round((event.duration ?? 0) * 1e6), args }];
      }
      case "exec":
        return [
          { name: "process_name", cat: "exec", ph: "M", ...at, args: { name: basename(event.path) } },
          moment(`exec ${basename(event.path)}`, { path: event.path, argv: event.argv }),
        ];
      case "signal":
        return [moment(event.signal, { what: event.what })];
      case "exit":
        return [moment("exit", event.signal ? { signal: event.signal } : { status: event.status })];
      case "note":
        return [];
    }
  };
}
