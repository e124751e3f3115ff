/** `qpod/process`: children started safely. See docs/process. */
import "./platform.ts";

export { Child } from "./child.ts";
export { Command, command } from "./command.ts";
export { CommandError, type FailureKind } from "./command-error.ts";
export { type DryCommand, type DryOutcome, type DryRunner, dryRun } from "./dry-run.ts";
export { endLike, replaceBy } from "./end-like.ts";
export type { CommandOptions } from "./options.ts";
export { quoteCommand, quoteWord } from "./quote.ts";
export type { Result } from "./result.ts";
export type { Enterable, Limit, Limits, SetUpStep, Way } from "./settings.ts";
export type { Input, OutputTo } from "./tell/descriptors.ts";
