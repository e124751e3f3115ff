import { describeLab, indent } from "./describe.ts";
import type { Lab } from "./lab.ts";

/** The context of a test of node:test, as far as it is used here; vitest shows the error's message. */
interface TestContext {
  /** node:test: adds a line to the report. */
  diagnostic?: (message: string) => void;
}

/**
 * Runs a test's body with a lab that is up, and takes it down after. When the body fails, the error says what the lab
 * looked like: commands and what they said, addresses, routes.
 */
export async function withLab<T>(lab: Lab, body: (lab: Lab) => Promise<T>, context: TestContext = {}): Promise<T> {
  try {
    await lab.up();
    return await body(lab);
  } catch (error) {
    const state = await describeLab(lab);
    if (context.diagnostic) context.diagnostic(state);
    else if (error instanceof Error) error.message += `\n\nthe lab:\n${indent(state)}`;
    throw error;
  } finally {
    await lab.down();
  }
}
