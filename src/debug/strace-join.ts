import { type Line, readCall, readLine } from "./strace-line.ts";
import type { TraceEvent, Value } from "./trace-event.ts";

interface Pending {
  name: string;
  text: string;
  time: number;
}

/** Makes events of strace's lines: a call that another one interrupted is told once, when it has returned. */
export class StraceJoiner {
  readonly #pending = new Map<number, Pending>();

  /** The events that a line completes. */
  take(text: string): TraceEvent[] {
    const line = readLine(text);
    if (!line) return text ? [{ kind: "note", pid: 0, time: 0, text }] : [];
    return this.#join(line);
  }

  #join(line: Line): TraceEvent[] {
    switch (line.kind) {
      case "unfinished":
        this.#pending.set(line.pid, line);
        return [];
      case "resumed":
        return this.#resume(line);
      case "superseded": {
        const lost = this.#lose(line.pid);
        const call = this.#pending.get(line.by);
        this.#pending.delete(line.by);
        if (call) this.#pending.set(line.pid, call);
        return lost;
      }
      case "event":
        if (line.event.kind === "call") return withExec(line.event);
        if (line.event.kind === "exit") return [...this.#lose(line.event.pid), line.event];
        return [line.event];
    }
  }

  #resume({ pid, time, text }: Extract<Line, { kind: "resumed" }>): TraceEvent[] {
    const begun = this.#pending.get(pid);
    this.#pending.delete(pid);
    if (!begun) return [{ kind: "note", pid, time, text: `<... resumed>${text}` }];
    if (/^ ?<unfinished \.\.\.>\) = \?/.test(text)) return [unfinished(pid, begun)];
    const event = readCall({ pid, time: begun.time }, `${begun.name}(${begun.text}${text}`);
    return event ? withExec(event) : [{ kind: "note", pid, time, text: `${begun.name}(${begun.text}${text}` }];
  }

  #lose(pid: number): TraceEvent[] {
    const begun = this.#pending.get(pid);
    this.#pending.delete(pid);
    return begun ? [unfinished(pid, begun)] : [];
  }
}

function unfinished(pid: number, { name, text, time }: Pending): TraceEvent {
  const whole = readCall({ pid, time }, `${name}(${text}) = ?`);
  return { ...(whole ?? { kind: "call", pid, time, name, args: [] }), text, unfinished: true };
}

function withExec(event: Extract<TraceEvent, { kind: "call" }>): TraceEvent[] {
  if (!isExec(event) || event.result !== 0) return [event];
  const [first, second, third] = event.args;
  const [path, argv] = event.name === "execveat" ? [second, third] : [first, second];
  return [{ kind: "exec", pid: event.pid, time: event.time, path: textOf(path), argv: wordsOf(argv) }, event];
}

export function isExec(event: TraceEvent): boolean {
  return event.kind === "call" && (event.name === "execve" || event.name === "execveat");
}

const textOf = (value: Value | undefined) => (value?.type === "string" ? value.text : "");
const wordsOf = (value: Value | undefined) => (value?.type === "array" ? value.items.map(textOf) : []);
