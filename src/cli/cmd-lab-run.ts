import { didYouMean, visible } from "../base/text.ts";
import { LabError } from "../lab/errors.ts";
import { type KeptLab, requireKept } from "../lab/kept.ts";
import { enterWords } from "../lab/place.ts";
import { op } from "../launch/operations.ts";
import { handOver } from "../launch/plan.ts";
import type { Input } from "./command.ts";

/** Runs a command in a host of a lab, with this terminal. */
export async function run({ args, options, paths }: Input): Promise<number> {
  const [host = "", ...rest] = args;
  const words = rest[0] === "--" && rest.length > 1 ? rest.slice(1) : rest;
  becomeCommand(requireKept(paths, typeof options.lab === "string" ? options.lab : undefined), host, words);
  return 0;
}

/** What the program in front of Node becomes. */
export function becomeCommand(lab: KeptLab, host: string, words: readonly string[], kind: "enter" | "shell" = "enter"): void {
  const hosts = [...lab.place.hosts.keys()];
  if (!lab.place.hosts.has(host))
    throw new LabError("unknown", {
      fact: `the lab ${lab.name} has no host "${visible(host)}"`,
      remedy: didYouMean(host, hosts) ?? `It has ${hosts.join(", ")}.`,
    });
  const all = [...enterWords(lab.place, host, `?${process.cwd()}`, kind), ...words];
  handOver([{ code: op.exec, strings: [all[0] ?? "", ...all] }]);
}
