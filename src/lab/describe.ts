import { describeEnd, type HostProcess, type HostResult, lastLines } from "./process.ts";
import type { HostTrace } from "./trace.ts";

/** How many of the last commands are shown, and lines of what each said. */
const limits = { commands: 20, lines: 12 };

/** A lab as far as it is described. */
interface Described {
  readonly hosts: ReadonlyMap<string, unknown>;
  readonly commands: readonly HostProcess[];
  readonly traces: readonly HostTrace[];
  look(host: string, words: readonly string[]): Promise<HostResult>;
}

/** What a person wants to see of a lab in which something went wrong: its hosts as they are, and what was run in them. */
export async function describeLab(lab: Described): Promise<string> {
  const hosts = await Promise.all([...lab.hosts.keys()].map(async (name) => `${name}\n${indent(await describeHost(lab, name))}`));
  const commands = lab.commands.slice(-limits.commands).map(describeCommand);
  const traces = lab.traces.slice(-limits.commands).map((one) => `${one.host}$ ${one.command}\n${indent(one.describe())}`);
  const traced = traces.length > 0 ? ["last system calls of what was traced", ...traces.map(indent)] : [];
  return [...hosts, "commands, the last ones last", ...commands.map(indent), ...traced].join("\n");
}

async function describeHost(lab: Described, name: string): Promise<string> {
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

export const indent = (text: string) => text.replaceAll(/^/gm, "  ");
