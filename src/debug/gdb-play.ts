import { QpodError } from "../base/errors.ts";
import type { Gdb } from "./gdb.ts";
import { GdbError } from "./gdb-error.ts";
import type { Breakpoint, Frame, Stop } from "./gdb-results.ts";
import type { Step } from "./gdb-script.ts";

/** What a line of a script came to. */
export interface Played {
  step: Step;
  stop?: Stop;
  frames?: Frame[];
  frame?: Frame;
  breakpoint?: Breakpoint;
  value?: string;
}

/**
 * Carries out a script, telling what each line came to.
 * @throws GdbError with the place of the line that failed.
 */
export async function playScript(gdb: Gdb, steps: readonly Step[], tell: (played: Played) => void): Promise<void> {
  for (const step of steps) {
    try {
      tell({ step, ...(await play(gdb, step)) });
    } catch (error) {
      if (error instanceof GdbError) throw new PlacedGdbError(error, step);
      throw error;
    }
  }
}

class PlacedGdbError extends QpodError {
  readonly fault: string;

  constructor(error: GdbError, step: Step) {
    super({ fact: `${step.text}: ${error.fact}`, place: step.place, remedy: error.remedy, cause: error });
    this.name = "GdbError";
    this.fault = error.fault;
  }
}

async function play(gdb: Gdb, step: Step): Promise<Omit<Played, "step">> {
  switch (step.do) {
    case "start":
    case "run":
    case "continue":
    case "finish":
      return { stop: await gdb[step.do]() };
    case "step":
    case "next":
      return { stop: await gdb[step.do](step.count) };
    case "advance":
      return { stop: await gdb.advance(step.location) };
    case "kill":
      await gdb.kill();
      return {};
    case "frame":
      return { frame: await gdb.frame(step.count) };
    case "backtrace":
      return { frames: await gdb.backtrace(step.count) };
    case "break":
      return { breakpoint: await gdb.break(step.location, step) };
    case "watch":
      return { breakpoint: await gdb.watch(step.expression) };
    case "print":
      return { value: await gdb.print(step.expression, step.format) };
    case "call":
      return { value: await gdb.call(step.expression) };
    case "set":
      return { value: await gdb.set(step.variable, step.expression) };
  }
}
