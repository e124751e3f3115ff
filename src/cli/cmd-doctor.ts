import { status } from "../base/errors.ts";
import { probeEngines } from "../engine/engine-report.ts";
import { examineHost } from "../engine/host-report.ts";
import { type HostFact, thisHost } from "../engine/host-view.ts";
import { probeScratch } from "../scratch/choose-way.ts";
import type { Input } from "./command.ts";
import { allEngines } from "./context.ts";
import { examineInstallation } from "./examine-installation.ts";

const marks: Record<HostFact["state"], string> = { ok: "ok     ", "worked around": "handled", problem: "PROBLEM" };

/** Finds out what this system allows. Status 1 when something needs the user. */
export async function run({ options, paths, output }: Input): Promise<number> {
  const host = thisHost();
  const engines = await probeEngines(allEngines(paths));
  const facts = [...(await examineInstallation(paths)), ...(await examineHost(paths, host)), engines, await probeScratch(host)];
  if (options.json) output.json(facts);
  else {
    for (const { name, state, fact, remedy } of facts) {
      output.line(`${marks[state]}  ${name}: ${fact}`);
      if (remedy) output.line(`         ${remedy}`);
    }
  }
  return facts.some(({ state }) => state === "problem") ? status.no : status.ok;
}
