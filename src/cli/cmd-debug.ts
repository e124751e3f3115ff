import { readFileSync } from "node:fs";
import { errnoOf, QpodError, status } from "../base/errors.ts";
import { debug } from "../debug/gdb.ts";
import { passDap } from "../debug/gdb-dap.ts";
import { type Played, playScript } from "../debug/gdb-play.ts";
import { readScript } from "../debug/gdb-script.ts";
import { describePlayed } from "../debug/gdb-text.ts";
import { shellStatus } from "../process/signals.ts";
import type { Input } from "./command.ts";
import { findPlace, takeDescriptors } from "./debug-place.ts";

/** Runs a script of gdb commands on a command, or passes an editor's protocol through. */
export async function run(input: Input): Promise<number> {
  const { args, options, output } = input;
  const descriptorsPassed = takeDescriptors();
  if (options.dap) return (await passDap(await findPlace(input), args)).status;
  const [script, ...rest] = args;
  const command = rest[0] === "--" ? rest.slice(1) : rest;
  if (script === undefined || command.length === 0)
    throw new QpodError({
      fact: "a script and a command are needed",
      remedy: "Such as `qpod debug SCRIPT -- ./program`.",
      status: status.usage,
    });
  const steps = readScript(readText(script), script === "-" ? "stdin" : script);
  const timeout = readTimeout(options.timeout);
  const place = await findPlace(input);
  const gdb = await debug(command as [string, ...string[]], {
    place,
    descriptorsPassed,
    ...(script === "-" ? { stdio: ["ignore", 1, 2] } : {}),
    ...(timeout === undefined ? {} : { timeout }),
  });
  endWithSignals(() => gdb.end());
  let ended: number | undefined;
  try {
    await playScript(gdb, steps, (played) => {
      ended = statusOf(played) ?? (played.stop ? undefined : ended);
      if (options.json) output.json(played);
      else for (const line of describePlayed(played)) output.line(line);
    });
  } finally {
    await gdb.end();
  }
  return ended ?? 0;
}

/** Of a program that has ended by itself. */
function statusOf({ stop }: Played): number | undefined {
  if (stop?.reason === "exited") return stop.status;
  if (stop?.reason === "killed") return shellStatus(undefined, stop.signal);
  return undefined;
}

function readText(script: string): string {
  try {
    return readFileSync(script === "-" ? 0 : script, "utf8");
  } catch (error) {
    throw new QpodError({ fact: `cannot read the script ${script}: ${errnoOf(error) ?? error}`, status: status.usage });
  }
}

function readTimeout(given: Input["options"][string]): number | undefined {
  if (typeof given !== "string") return undefined;
  if (/^\d{1,6}(\.\d+)?$/.test(given) && Number(given) > 0) return Number(given);
  throw new QpodError({ fact: `--timeout ${given}: not a number of seconds`, status: status.usage });
}

function endWithSignals(end: () => Promise<void>): void {
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT"] as const) {
    process.once(signal, () => void end().finally(() => process.exit(shellStatus(undefined, signal))));
  }
}
