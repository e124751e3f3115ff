import { QpodError, status } from "../base/errors.ts";
import { run } from "../process/run.ts";

export interface TraceSelection {
  /** Names and groups as strace knows them: `openat`, `%network`, `/^sched_`. All when left out. */
  calls?: readonly string[] | undefined;
  /** Calls that fail: an error's name, and optionally strace's `when=`: `{ connect: "ECONNREFUSED:when=2+" }`. */
  inject?: Readonly<Record<string, string>> | undefined;
  /** Say what descriptors are. */
  descriptors?: boolean | undefined;
  /** Bytes of strings that are told; 128 when left out. */
  stringSize?: number | undefined;
}

export const noStrace = () => new QpodError({ fact: "strace is not installed on the host", remedy: "Install the package `strace`." });

const withExec = ["execve", "execveat", "process", "%process", "file", "%file", "all"];

/** Whether the calls asked for have exec among them: its events are told anyway. */
export function wantsExec({ calls }: TraceSelection): boolean {
  return !calls || calls.some((one) => withExec.includes(one) || one.startsWith("/") || one.startsWith("!"));
}

/** What strace is told, without how it gets its process and where it writes. */
export function straceArguments(selection: TraceSelection): string[] {
  const { inject = {}, descriptors, stringSize = 128 } = selection;
  const calls = selection.calls?.map(checkWord);
  const args = ["-f", "-ttt", "-T", "-I", "3", "-s", String(stringSize)];
  if (descriptors) args.push("-yy");
  // What is injected must be traced, and exec tells which program it is.
  if (calls)
    args.push("-e", `trace=${isNegated(calls) ? calls.join(",") : ["execve,?execveat", ...calls, ...Object.keys(inject)].join(",")}`);
  for (const [call, what] of Object.entries(inject)) args.push("-e", `inject=${checkWord(call)}:${injection(call, what)}`);
  return args;
}

/** A filter in the kernel spares the calls that nobody asked for; without any there is nothing to spare. */
export async function canFilter({ calls }: TraceSelection): Promise<boolean> {
  if (!calls || isNegated(calls) || calls.includes("all")) return false;
  return (await run(["strace", "--help"], { remedy: noStrace().remedy ?? "" }).catch(() => Promise.reject(noStrace()))).stdout.includes(
    "--seccomp-bpf",
  );
}

const isNegated = (calls: readonly string[]) => calls.some((one) => one.startsWith("!"));

function injection(call: string, what: string): string {
  const [error = "", ...more] = what.split(":");
  if (!/^E[A-Z0-9]+$/.test(error) || more.some((one) => !/^(when|delay_enter|delay_exit)=[\w.+]+$/.test(one)))
    throw new QpodError({
      fact: `${call}=${what} is no fault that can be injected`,
      remedy: "It is CALL=ERROR or CALL=ERROR:when=N+, such as connect=ECONNREFUSED.",
      status: status.usage,
    });
  return [`error=${error}`, ...more].join(":");
}

function checkWord(word: string): string {
  if (/^[!?]?(%{0,2}[a-z_0-9]+(@(64|32|x32))?|\/[^,]+)$/.test(word)) return word;
  throw new QpodError({
    fact: `'${word}' names no system call`,
    remedy: "It is a name or a group as strace knows them: connect, %network, %file, /^sched_.",
    status: status.usage,
  });
}
