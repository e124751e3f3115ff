import { AsyncLocalStorage } from "node:async_hooks";
import { PassThrough, Readable } from "node:stream";
import type { Listener, Running } from "./launch.ts";
import { quoteCommand } from "./quote.ts";
import type { Settings } from "./settings.ts";
import { makeVariables } from "./variables.ts";

/** What would have been run. */
export interface DryCommand {
  args: readonly string[];
  /** The quoted command line. */
  text: string;
  env: Readonly<Record<string, string>>;
  input: Buffer | undefined;
  cwd: string;
}

/** What it is to look like; all that is left out is as of a program that says nothing and succeeds. */
export interface DryOutcome {
  stdout?: string | Uint8Array;
  stderr?: string | Uint8Array;
  status?: number;
  signal?: NodeJS.Signals;
}

// biome-ignore lint/suspicious/noConfusingVoidType: a callback that says nothing is the usual one.
export type DryRunner = (command: DryCommand) => DryOutcome | void | Promise<DryOutcome | void>;

const scope = new AsyncLocalStorage<DryRunner>();

/**
 * Runs `body`; all commands that it runs, and whatever it calls, are not started: `runner` is asked instead. Nothing
 * outside of `body` sees it, other tests that run at the same time neither.
 */
export function dryRun<T>(runner: DryRunner, body: () => T): T {
  return scope.run(runner, body);
}

export function currentDryRunner(): DryRunner | undefined {
  return scope.getStore();
}

/** The launcher of dry runs. */
export function startDry(runner: DryRunner, settings: Settings, listener: Listener): Running {
  const answer = async () => {
    const outcome = (await runner(describe(settings))) ?? {};
    const output = { 1: outcome.stdout, 2: outcome.stderr };
    for (const [target, from] of settings.descriptors) {
      if (from.kind !== "pipe") continue;
      const text = output[target as 1 | 2] ?? "";
      listener.onStream(target, from.direction === "read" ? Readable.from([Buffer.from(text)]) : new PassThrough().resume());
    }
    listener.onRuns(0);
    for (const target of [1, 2] as const) {
      const from = settings.descriptors.get(target)?.kind ?? "captured";
      const bytes = output[target];
      if (bytes !== undefined && (from === "captured" || from === "same"))
        listener.onOutput(from === "same" ? 1 : target, Buffer.from(bytes));
      if (from === "captured") listener.onClosed(target);
    }
    listener.onEnded(outcome.signal ? undefined : (outcome.status ?? 0), outcome.signal);
  };
  answer().catch((error: unknown) => {
    listener.onFailure({ kind: "exec", cause: `the dry run failed: ${error instanceof Error ? error.message : error}` });
    listener.onEnded(undefined, undefined);
  });
  return { signal: () => {}, end: () => {}, notify: () => {}, release: () => {}, ref: () => {}, unref: () => {} };
}

function describe(settings: Settings): DryCommand {
  const input = settings.descriptors.get(0);
  const variables = makeVariables(settings.variables, settings.inheritVariables);
  return {
    args: settings.argv,
    text: quoteCommand(settings.argv),
    env: Object.fromEntries(variables.map((one) => [one.slice(0, one.indexOf("=")), one.slice(one.indexOf("=") + 1)])),
    input: input?.kind === "bytes" ? Buffer.from(input.bytes) : undefined,
    cwd: settings.cwd ?? process.cwd(),
  };
}
