import type { Lab } from "./lab.ts";
import { describeEnd, type HostProcess, type HostResult, lastLines } from "./process.ts";

/** How many of the last commands are shown, and lines of what each said. */
const limits = { commands: 20, lines: 12 };

/** What a person wants to see of a lab in which something went wrong: its hosts as they are, and what was run in them. */
export async function describeLab(lab: Lab): Promise<string> {
  const hosts = await Promise.all([...lab.hosts.keys()].map(async (name) => `${name}\n${indent(await describeHost(lab, name))}`));
  const commands = lab.commands.slice(-limits.commands).map(describeCommand);
  const traces = lab.traces.slice(-limits.commands).map((one) => `${one.host}$ ${one.command}\n${indent(one.describe())}`);
  const traced = traces.length > 0 ? ["last system calls of what was traced", ...traces.map(indent)] : [];
  return [...hosts, "commands, the last ones last", ...commands.map(indent), ...traced].join("\n");
}

async function describeHost(lab: Lab, name: string): Promise<string> {
  const say = async (...words: string[]) => {
    const result = await lab.look(name, words);
    return result.exitCode === 0 ? result.stdout.trimEnd() : `${words.join(" ")} ${describeEnd(result)}`;
  };
  try {
    const parts = [await say("ip", "-brief", "address"), await say("ip", "route"), await say("ip", "-6", "route")];
    return parts.filter(Boolean).join("\n");
  } catch (error) {
    return (error as Error).message;
  }
}

function describeCommand(process: HostProcess): string {
  const { host, command, result, stdout, stderr } = process;
  const said = lastLines(stdout + stderr, limits.lines);
  return `${host}$ ${command}\n  ${describeState(result)}${said ? `\n  ${said}` : ""}`;
}

function describeState(result: HostResult | undefined): string {
  if (!result) return "still runs";
  return `${describeEnd(result) ?? "succeeded"} after ${Math.round(result.duration)} ms`;
}

const indent = (text: string) => text.replaceAll(/^/gm, "  ");

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
