/** `qpod/process`: children started safely. See docs/process. */
import "./platform.ts";

export { Child } from "./child.ts";
export { Command } from "./command.ts";
export { type DryCommand, type DryOutcome, type DryRunner, dryRun } from "./dry-run.ts";
export { endLike, replaceBy } from "./end-like.ts";
export { command } from "./make-command.ts";
export type { CommandOptions } from "./options.ts";
export { CommandError, type FailureKind, type Result } from "./outcome.ts";
export { quoteCommand, quoteWord } from "./quote.ts";
export type { Enterable, Limit, Limits, SetUpStep, Way } from "./settings.ts";
export type { Input, OutputTo } from "./tell/descriptors.ts";
