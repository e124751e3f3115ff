import { explainSystemError, formatError, QpodError, status } from "../base/errors.ts";

/** Runs a whole program; the only place that picks an exit status. */
export function finish(program: () => Promise<number>): void {
  // A reader that went away (`qpod ps | head`) is no failure.
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code === "EPIPE") process.exit(0);
    throw error;
  });
  program().then(
    (code) => {
      process.exitCode = code;
    },
    (error) => {
      process.exitCode = report(error);
    },
  );
}

function report(thrown: unknown): number {
  const error = explainSystemError(thrown);
  if (error instanceof QpodError) {
    process.stderr.write(`${formatError(error)}\n`);
    return error.status;
  }
  // A mistake of ours: the trace is what helps to mend it.
  process.stderr.write(`qpod: internal error, please report it\n${error instanceof Error ? error.stack : error}\n`);
  return status.qpod;
}
