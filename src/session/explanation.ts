import { QpodError } from "../base/errors.ts";
import { nativeFile } from "../launch/locate.ts";
import { decodeStatus } from "../launch/status.ts";
import { run } from "../process/run.ts";

/** What the native code answers to "where would this run, and why". */
export interface Explanation {
  place: "host" | "pod" | "unknown";
  /** Number of the rule in DESIGN's "What goes where"; 7 for qpod's own programs. */
  rule: number;
  /** By the keys that native/launcher/front/explain.c tells. */
  facts: Map<string, string>;
  /** Of the pod's first process, when it is up. */
  pid: number | undefined;
  /** NAME=VALUE as the command would get them; empty when that is not known yet. */
  variables: string[];
}

/** Asks the launcher, which takes the decision by the same code when the command is really run. */
export async function askLauncher(runtime: string, command: string): Promise<Explanation> {
  const result = await run([nativeFile("qpod-launch"), "explain", runtime, command], { channel: true });
  if (result.status !== 0)
    throw new QpodError({ fact: result.stderr.trim().replace(/^qpod: /, "") || `the launcher ended with status ${result.status}` });
  return decodeExplanation(result.channel);
}

/** What the native code told, as status records. */
export function decodeExplanation(bytes: Uint8Array): Explanation {
  const explanation: Explanation = { place: "unknown", rule: 0, facts: new Map(), pid: undefined, variables: [] };
  for (const record of decodeStatus(bytes).records) {
    if (record.kind !== "fact") continue;
    if (record.key === "rule") explanation.rule = Number(record.number);
    else if (record.key === "place") explanation.place = record.value as Explanation["place"];
    else if (record.key === "variable") explanation.variables.push(record.value);
    else explanation.facts.set(record.key, record.value);
    if (record.key === "entry" && record.number > 0n) explanation.pid = Number(record.number);
  }
  return explanation;
}
