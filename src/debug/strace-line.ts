import { descriptorName } from "./strace-string.ts";
import { readArguments, readNumber, readValue } from "./strace-value.ts";
import type { CallEvent, TraceEvent, Value } from "./trace-event.ts";

/** What one line of strace's output is, before lines that belong together are joined. */
export type Line =
  | { kind: "event"; event: TraceEvent }
  | { kind: "unfinished"; pid: number; time: number; name: string; text: string }
  | { kind: "resumed"; pid: number; time: number; text: string }
  /** A thread other than the first has run exec: from now on it has the first one's number. */
  | { kind: "superseded"; pid: number; time: number; by: number };

/** Reads a line of `strace -f -ttt -T -o FILE`, or of ltrace with the same options; undefined for one that has neither process nor time. */
export function readLine(line: string): Line | undefined {
  const head = /^(\d+) +(\d+\.\d+) (.*)$/s.exec(line);
  if (!head) return undefined;
  const [, pid, time, text = ""] = head;
  const when = { pid: Number(pid), time: Number(time) };
  if (text.startsWith("+++ ")) return readEnd(when, text);
  if (text.startsWith("--- ")) return readSignal(when, text);
  const resumed = /^<\.\.\. (?:\S+ )?resumed> ?/.exec(text);
  if (resumed) return { kind: "resumed", ...when, text: text.slice(resumed[0].length) };
  const unfinished = /^([\w.]+->[\w.@]+|\w+|\?\?\?)\(([\s\S]*?) ?<(?:unfinished|no return) \.\.\.>$/.exec(text);
  if (unfinished) return { kind: "unfinished", ...when, name: unfinished[1] ?? "", text: unfinished[2] ?? "" };
  const event = readCall(when, text);
  return { kind: "event", event: event ?? { kind: "note", ...when, text } };
}

interface When {
  pid: number;
  time: number;
}

function readEnd(when: When, text: string): Line {
  const exited = /^\+\+\+ exited (?:with |\(status )(\d+)\)? \+\+\+$/.exec(text);
  if (exited) return { kind: "event", event: { kind: "exit", ...when, status: Number(exited[1]) } };
  const killed = /^\+\+\+ killed by (\S+) (\(core dumped\) )?\+\+\+$/.exec(text);
  if (killed) {
    return { kind: "event", event: { kind: "exit", ...when, signal: killed[1] ?? "", ...(killed[2] ? { core: true as const } : {}) } };
  }
  const superseded = /^\+\+\+ superseded by execve in pid (\d+) \+\+\+$/.exec(text);
  if (superseded) return { kind: "superseded", ...when, by: Number(superseded[1]) };
  return { kind: "event", event: { kind: "note", ...when, text } };
}

function readSignal(when: When, text: string): Line {
  const stopped = /^--- stopped by (\S+) ---$/.exec(text);
  if (stopped) return { kind: "event", event: { kind: "signal", ...when, signal: stopped[1] ?? "", what: "stopped" } };
  const delivered = /^--- (\S+) (.*) ---$/s.exec(text);
  if (!delivered) return { kind: "event", event: { kind: "note", ...when, text } };
  return {
    kind: "event",
    event: { kind: "signal", ...when, signal: delivered[1] ?? "", what: "delivered", info: readValue(delivered[2] ?? "") },
  };
}

/** `name(arguments) = result <duration>` */
export function readCall(when: When, text: string): CallEvent | undefined {
  const [, whole, caller, name] = /^((?:([\w.+-]+)->)?([\w.@]+|\?\?\?))\(/.exec(text) ?? [];
  if (!whole || !name) return undefined;
  const start = whole.length + 1;
  const who = { ...when, name, ...(caller ? { caller } : {}) };
  const { args, end } = readArguments(text, start) ?? guessArguments(text, start);
  const tail = /^\s*=\s(.*)$/s.exec(text.slice(end));
  if (!tail) {
    const { args: guessed, end: elsewhere } = guessArguments(text, start);
    const again = /^\s*=\s(.*)$/s.exec(text.slice(elsewhere));
    if (!again) return undefined;
    return { kind: "call", ...who, args: guessed, text: text.slice(start, elsewhere - 1), ...readResult(again[1] ?? "") };
  }
  return { kind: "call", ...who, args, text: text.slice(start, end - 1), ...readResult(tail[1] ?? "") };
}

/** Where an argument is beyond us, the call and its result still count. */
function guessArguments(text: string, start: number): { args: Value[]; end: number } {
  const end = text.lastIndexOf(") = ");
  const at = end < start ? text.length : end;
  return { args: [{ type: "raw", text: text.slice(start, at) }], end: at + 1 };
}

const resultParts = new RegExp(String.raw`^(-?(?:0x[0-9a-f]+|\d+)|\?)(${descriptorName})?\s*([\s\S]*)$`);

function readResult(text: string): Partial<CallEvent> {
  const result: Partial<CallEvent> = {};
  const timed = /^(.*?)\s*<(\d+\.\d+)>$/s.exec(text);
  let rest = timed ? (timed[1] ?? "") : text;
  if (timed) result.duration = Number(timed[2]);
  if (/ \(INJECTED\)$/.test(rest)) result.injected = true;
  rest = rest.replace(/ \((INJECTED|DELAYED)(?:, \w+)*\)/g, "");
  const parts = resultParts.exec(rest);
  if (!parts) return { ...result, ...(rest ? { detail: rest } : {}) };
  const [, value = "", descriptor, more = ""] = parts;
  if (value !== "?") result.result = readNumber(value);
  const error = /^(E[A-Z0-9_]+) \(.*\)$/s.exec(more);
  if (error) result.errno = error[1] ?? "";
  const detail = [descriptor?.slice(1, -1), error ? undefined : more].filter(Boolean).join(" ");
  if (detail) result.detail = detail;
  return result;
}
