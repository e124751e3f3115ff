import type { CallEvent, TraceEvent } from "./trace-event.ts";

/** Lines for people: seconds since the first event, process, what happened. */
export function traceTextWriter(): (event: TraceEvent) => string {
  let start: number | undefined;
  return (event) => {
    start ??= event.time;
    return `${(event.time - start).toFixed(6).padStart(11)} ${String(event.pid).padStart(6)} ${describe(event)}\n`;
  };
}

function describe(event: TraceEvent): string {
  switch (event.kind) {
    case "call":
      return describeCall(event);
    case "exec":
      return `exec ${event.path} ${JSON.stringify(event.argv)}`;
    case "signal":
      return event.what === "stopped" ? `stopped by ${event.signal}` : `signal ${event.signal}`;
    case "exit":
      return event.signal ? `killed by ${event.signal}${event.core ? ", core dumped" : ""}` : `exited with ${event.status}`;
    case "note":
      return event.text;
  }
}

function describeCall({ name, caller, text, result, errno, detail, duration, injected, unfinished }: CallEvent): string {
  const how = [
    errno ?? (result === undefined ? detail === undefined && "?" : formatResult(result)),
    detail && (/^[[(<]/.test(detail) ? detail : `<${detail}>`),
    injected && "injected",
    unfinished && "unfinished",
    duration !== undefined && `${(duration * 1000).toFixed(3)} ms`,
  ];
  return `${caller ? `${caller}->` : ""}${name}(${text}) = ${how.filter(Boolean).join(" ")}`;
}

/** Beyond what counts and descriptors reach, a result is an address. */
const formatResult = (result: number | bigint) => (result > 0xffff_ffff ? `0x${result.toString(16)}` : String(result));
