import { visible, visibleLines } from "./text.ts";

/** Exit statuses that qpod itself picks; a command's own status always passes through untouched. */
export const status = {
  ok: 0,
  /** The answer is "no" (`qpod status` in an unbound repository, `qpod doctor` with a problem). */
  no: 1,
  usage: 2,
  /** qpod could not do its part. */
  qpod: 125,
  notExecutable: 126,
  notFound: 127,
} as const;

/** A position in a file the user wrote. `line` and `column` count from 1. */
export interface Place {
  file: string;
  line?: number;
  column?: number;
}

export interface Problem {
  fact: string;
  place?: Place | undefined;
  remedy?: string | undefined;
  status?: number;
  cause?: unknown;
}

/** An error that is shown to the user as fact, place, remedy; never with a stack trace. */
export class QpodError extends Error {
  readonly fact: string;
  readonly place: Place | undefined;
  readonly remedy: string | undefined;
  readonly status: number;

  constructor(problem: Problem) {
    super(problem.fact, { cause: problem.cause });
    this.name = "QpodError";
    this.fact = problem.fact;
    this.place = problem.place;
    this.remedy = problem.remedy;
    this.status = problem.status ?? status.qpod;
  }
}

/** `file:line:column`, as far as it is known. */
export function formatPlace(place: Place): string {
  return [place.file, place.line, place.column].filter((part) => part !== undefined).join(":");
}

/** At most three lines: `qpod: PLACE: FACT`, then the remedy. Names in it may be others' work, so all of it is escaped. */
export function formatError(error: QpodError): string {
  const where = error.place ? `${formatPlace(error.place)}: ` : "";
  const remedy = error.remedy ? `\n  ${visibleLines(error.remedy)}` : "";
  return `qpod: ${visible(`${where}${error.fact}`)}${remedy}`;
}

const remedies: Record<string, string> = {
  ENOSPC: "The disk is full: `qpod gc` removes what nothing refers to.",
  EDQUOT: "Your quota is used up: `qpod gc` removes what nothing refers to.",
  EROFS: "It must be on a file system that can be written.",
  EACCES: "It must be yours and writable.",
  EPERM: "It must be yours and writable.",
  EMFILE: "Raise the limit of open files: `ulimit -n`.",
  ENFILE: "The system has too many open files: end some programs.",
  EAGAIN: "The limit of processes is reached: see `ulimit -u`.",
  ENOMEM: "Memory is used up: end some programs, or see `ulimit -v`.",
};

/** What to do about an error of the system's, if it is one that has a usual cause. */
export function remedyFor(error: unknown): string | undefined {
  // On a file system that cannot be written Node says of parents that they are not there.
  if (errnoOf(error) === "ENOENT" && (error as NodeJS.ErrnoException).syscall === "mkdir") return remedies.EROFS;
  return remedies[errnoOf(error) ?? ""];
}

/** What the kernel refused, in whatever part of qpod that was, is about the system and no mistake of ours. */
export function explainSystemError(error: unknown): unknown {
  const { code, syscall, path } = Object(error) as NodeJS.ErrnoException;
  if (error instanceof QpodError || typeof code !== "string" || typeof syscall !== "string") return error;
  return new QpodError({
    fact: `the system refused "${syscall}": ${code}`,
    ...(typeof path === "string" ? { place: { file: path } } : {}),
    remedy: remedyFor(error) ?? "`qpod doctor` may know why.",
    cause: error,
  });
}

/** The errno name (`ENOENT`) of an error that Node's fs or process functions threw. */
export function errnoOf(error: unknown): string | undefined {
  const code = (error as NodeJS.ErrnoException | undefined)?.code;
  return typeof code === "string" ? code : undefined;
}
