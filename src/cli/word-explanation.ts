import { dirname, join } from "node:path";
import { readIfThere } from "../base/files.ts";
import { visible } from "../base/text.ts";
import type { Explanation } from "../session/explanation.ts";
import type { Output } from "./output.ts";

const rules: Record<number, string> = {
  1: "program and directory are outside every bound repository",
  2: "no pattern matches the branch",
  3: "the environment's host rules keep it on the host",
  4: "the program lies in the repository",
  5: "it is one of the environment's commands",
  6: "nothing sends it to the environment",
  7: "it is qpod's own",
};

const entries: Record<string, string> = {
  running: "the pod is up: setns and exec in place",
  serving: "the pod is up, but its namespaces cannot be joined: its first process runs the command",
  changed: "the pod's definition has changed: its entry is made anew first",
  "started by the launcher": "the pod is started first, in milliseconds, without Node",
  "started by qpod": "the pod is started first by `qpod up`: the engine or a root filesystem needs it",
  foreign: "refused: the entry file is not yours",
};

/** Prints where a command runs, and why, in the words of the code that decides it. */
export function wordExplanation(command: string, answer: Explanation, json: boolean, output: Output): void {
  const variables = differences(answer);
  if (json) {
    output.json({
      command,
      place: answer.place,
      rule: answer.rule,
      reason: rules[answer.rule],
      ...Object.fromEntries([...answer.facts].map(([key, value]) => [camelCase(key), value])),
      pid: answer.pid,
      variables,
    });
    return;
  }
  output.line(
    `${visible(command)} runs ${answer.place === "pod" ? `in the environment ${answer.facts.get("environment")}` : "on the host"}`,
  );
  const row = (name: string, value: string | undefined) =>
    value !== undefined && value !== "" && output.line(`  ${name.padEnd(12)} ${visible(value)}`);
  const matched = answer.facts.get("matched");
  row("rule", `${answer.rule}: ${rules[answer.rule] ?? "unknown"}${matched ? ` (${matched})` : ""}`);
  row("program", answer.facts.get("host-program") ?? "not on the host");
  row("repository", answer.facts.get("worktree"));
  row("branch", answer.facts.get("branch") || (answer.facts.has("worktree") ? "none (detached)" : undefined));
  if (answer.place !== "pod") return;
  row("pattern", answer.facts.get("pattern") || "every branch");
  row("pod", answer.facts.get("pod"));
  row(
    "entry",
    `${entries[answer.facts.get("entry") ?? ""] ?? answer.facts.get("entry")}${answer.pid ? ` (first process ${answer.pid})` : ""}`,
  );
  row("joins", answer.facts.get("joins"));
  const served = answer.facts.get("served");
  row("served by", served);
  row("because", served && whyServed(served));
  row("identity", answer.facts.get("identity") ?? "the pod's root, who is you");
  row("directory", answer.facts.get("directory-inside") ?? answer.facts.get("directory"));
  for (const text of variables.added) row("variable +", text);
  for (const text of variables.changed) row("variable ~", text);
  row("left out", variables.removed.join(" "));
}

/** Fields of our answers are named so; the launcher's keys have dashes. */
function camelCase(key: string): string {
  return key.replaceAll(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());
}

/** What the pod's first process noted when it could not lend its namespaces; its other words are for the engine. */
function whyServed(socket: string): string | undefined {
  const words = readIfThere(join(dirname(socket), "first"))
    ?.trim()
    .split(" ")
    .slice(3)
    .join(" ");
  return words && `the container may make no user namespace for you (${words})`;
}

/** How the command's variables differ from the caller's. */
function differences({ variables }: Explanation) {
  const inside = new Map(variables.map((text): [string, string] => [text.slice(0, text.indexOf("=")), text]));
  const outside = process.env;
  const all = [...inside.keys()];
  return {
    added: all.filter((name) => outside[name] === undefined).map((name) => inside.get(name) ?? ""),
    changed: all
      .filter((name) => outside[name] !== undefined && inside.get(name) !== `${name}=${outside[name]}`)
      .map((name) => inside.get(name) ?? ""),
    removed:
      inside.size === 0
        ? []
        : Object.keys(outside)
            .filter((name) => !inside.has(name))
            .sort(),
  };
}
