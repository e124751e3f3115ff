import { type ChildProcess, spawn } from "node:child_process";
import { accessSync, constants } from "node:fs";
import { errnoOf, QpodError } from "../base/errors.ts";
import { lastWords } from "../process/run.ts";

/** A program that data streams through. */
export interface Pipe {
  child: ChildProcess;
  /** Fails with the program's last words when it does not end well. */
  ended: Promise<void>;
}

/**
 * Starts a program whose stdin, stdout or both are streams; its stderr is kept for the error.
 * @param name what the error calls it, when something else stands before it in argv.
 */
export function startPipe(argv: readonly [string, ...string[]], stdout: "ignore" | "pipe", name = argv[0]): Pipe {
  const child = spawn(argv[0], argv.slice(1), { stdio: ["pipe", stdout, "pipe"], env: { ...process.env, LC_ALL: "C" } });
  let stderr = "";
  child.stderr?.on("data", (chunk: Buffer) => {
    stderr = (stderr + chunk.toString("utf8")).slice(-16_384);
  });
  // Its end tells more than a broken pipe.
  child.stdin?.on("error", () => {});
  const ended = new Promise<void>((resolve, reject) => {
    child.on("error", (error) => {
      const reason = errnoOf(error) === "ENOENT" ? "it is not installed" : String(error);
      reject(new QpodError({ fact: `cannot run ${argv[0]}: ${reason}`, remedy: `Install ${argv[0]}.`, cause: error }));
    });
    child.on("close", (code) => (code === 0 ? resolve() : reject(toolFailure(name, stderr))));
  });
  // Whoever waits for it may have failed first.
  ended.catch(() => {});
  return { child, ended };
}

/** The error for a failed tool; a full disk is named as such. */
export function toolFailure(program: string, stderr: string): QpodError {
  const full = /No space left on device|Disk quota exceeded|ENOSPC|no space left|Wrote only \d+ of \d+ bytes/.exec(stderr);
  if (full) return diskFull();
  // tar ends with a summary that says nothing.
  const lines = stderr.split("\n").filter((line) => !/Exiting with failure status|Error is not recoverable/.test(line));
  const words = lastWords(lines.join("\n")).replace(new RegExp(`^\\S*${program.replaceAll(/\W/g, "\\$&")}: `), "");
  return new QpodError({ fact: `${program} failed${words ? `: ${words}` : ""}` });
}

export function diskFull(cause?: unknown): QpodError {
  return new QpodError({
    fact: "the disk with qpod's data folder is full",
    remedy: "`qpod gc` removes what nothing refers to; XDG_DATA_HOME chooses another disk.",
    cause,
  });
}

export function isDiskFull(error: unknown): boolean {
  return ["ENOSPC", "EDQUOT"].includes(errnoOf(error) ?? "");
}

/** A program of the host's, if it is installed; administrators' programs are not always in a user's PATH. */
export function findTool(name: string): string | undefined {
  const path = (process.env.PATH || "/usr/bin:/bin").split(":").filter(Boolean);
  for (const folder of [...path, "/usr/sbin", "/sbin"]) {
    try {
      accessSync(`${folder}/${name}`, constants.X_OK);
      return `${folder}/${name}`;
    } catch {
      // The next one.
    }
  }
  return undefined;
}
