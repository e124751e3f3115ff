import type { Command } from "./command.ts";
import type { Result } from "./outcome.ts";

/** Ends this process as the command ended: with its status, or by its signal. */
export function endLike(result: Pick<Result<string | Buffer>, "exitCode" | "signal">): never {
  if (result.signal) {
    process.removeAllListeners(result.signal);
    process.kill(process.pid, result.signal);
    // It is delivered when this thread is next run; a signal that only stops, or is ignored, ends nothing.
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1000);
  }
  process.exit(result.exitCode ?? 1);
}

const passed: NodeJS.Signals[] = ["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT", "SIGUSR1", "SIGUSR2"];

/**
 * Stands in for exec: the command gets our descriptors and the signals that we get, and this process ends as it ends.
 * @throws CommandError when it cannot become the program; then this process goes on.
 */
export async function replaceBy(command: Command<string> | Command<Buffer>): Promise<never> {
  const child = await command.clone().stdin("inherit").stdout("inherit").stderr("inherit").start();
  for (const signal of passed) process.on(signal, () => child.kill(signal));
  return endLike(await child.outcome());
}
