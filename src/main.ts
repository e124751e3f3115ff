import packageJson from "../package.json" with { type: "json" };
import { formatError, QpodError, status } from "./base/errors.ts";
import { findPaths } from "./base/paths.ts";
import { makeOutput } from "./cli/output.ts";
import { parseWords } from "./cli/parse.ts";
import { leaveSession } from "./launch/leave-session.ts";

/** The only place that picks an exit status. */
async function main(words: readonly string[]): Promise<number> {
  const paths = findPaths();
  leaveSession(process.env, paths.runtime);
  const parsed = parseWords(words, packageJson.version);
  if (parsed === "answered") return status.ok;
  const { run } = await parsed.command.load();
  return run({ args: parsed.args, options: parsed.options, paths, output: makeOutput() });
}

function report(error: unknown): number {
  if (error instanceof QpodError) {
    process.stderr.write(`${formatError(error)}\n`);
    return error.status;
  }
  // A mistake of ours: the trace is what helps to mend it.
  process.stderr.write(`qpod: internal error, please report it\n${error instanceof Error ? error.stack : error}\n`);
  return status.qpod;
}

// A reader that went away (`qpod ps | head`) is no failure.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code === "EPIPE") process.exit(0);
  throw error;
});

main(process.argv.slice(2)).then(
  (code) => {
    process.exitCode = code;
  },
  (error) => {
    process.exitCode = report(error);
  },
);
