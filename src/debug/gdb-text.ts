import type { Played } from "./gdb-play.ts";
import type { Breakpoint, Frame, Stop } from "./gdb-results.ts";

/** Lines for people. */
export function describePlayed({ step, stop, frames, frame, breakpoint, value }: Played): string[] {
  const said = [
    breakpoint && describeBreakpoint(breakpoint),
    frames?.map((one) => describeFrame(one)).join("\n"),
    frame && describeFrame(frame),
    stop && describeStop(stop),
    value !== undefined &&
      `${"expression" in step && step.do !== "set" ? step.expression : (step as { variable: string }).variable} = ${value}`,
    step.do === "kill" && "killed",
  ];
  return said.filter((one) => typeof one === "string").flatMap((one) => one.split("\n"));
}

function describeBreakpoint({ number, kind, isPending, asked, function: name, file, line }: Breakpoint): string {
  if (kind.includes("watchpoint")) return `watchpoint ${number}: ${asked}`;
  const where = [name, file && `${file}:${line}`].filter(Boolean).join(" at ");
  return `breakpoint ${number}: ${isPending ? `${asked}, when a library brings it` : where || asked}`;
}

export function describeFrame({ level, function: name, address, args, file, line, library }: Frame): string {
  const given = args.map((one) => `${one.name}=${one.value}`).join(", ");
  const where = file ? ` at ${file}:${line}` : library ? ` from ${library}` : "";
  return `#${level} ${name ?? address}(${given})${where}`;
}

function describeStop(stop: Stop): string {
  switch (stop.reason) {
    case "exited":
      return `exited with ${stop.status}`;
    case "killed":
      return `killed by ${stop.signal}`;
    case "breakpoint":
      return `breakpoint ${stop.breakpoint}: ${describeFrame(stop.frame)}`;
    case "watchpoint":
      return `watchpoint ${stop.watchpoint}: ${stop.expression}: ${stop.before ?? "?"} -> ${stop.after ?? "?"}\n${describeFrame(stop.frame)}`;
    case "scope":
      return `watchpoint ${stop.watchpoint} ended with its block: ${describeFrame(stop.frame)}`;
    case "finish":
      return `returned${stop.value === undefined ? "" : ` ${stop.value}`} to ${describeFrame(stop.frame)}`;
    case "signal":
      return `${stop.signal} (${stop.meaning}): ${describeFrame(stop.frame)}`;
    case "location":
    case "step":
      return describeFrame(stop.frame);
  }
}
