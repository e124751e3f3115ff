import type { Environment } from "../config/environment.ts";
import type { Engine } from "./engine.ts";
import type { HostFact } from "./host-view.ts";

const name = "engines";

/**
 * Which engines can serve here, in a line: each of the other lines is about a part of the system, and none says what
 * comes of them all.
 */
export async function probeEngines(engines: readonly Engine[]): Promise<HostFact> {
  const able: string[] = [];
  const unable: { words: string; remedy?: string | undefined }[] = [];
  for (const engine of engines) {
    const { able: isAble, reason, remedy } = await engine.assess(example);
    if (isAble) able.push(`${engine.name} (${reason})`);
    // Nobody needs docker, and its own line says what there is to say.
    else if (engine.name !== "docker") unable.push({ words: `${engine.name}: ${reason}`, remedy });
  }
  const others = unable.map(({ words }) => words).join("; ");
  if (able.length > 0) return { name, state: "ok", fact: [able.join(", "), ...(others ? [`not ${others}`] : [])].join("; ") };
  const remedy = unable.find((one) => one.remedy)?.remedy;
  return { name, state: "problem", fact: `none works here: ${others}`, ...(remedy ? { remedy } : {}) };
}

/** Of a kind that every engine serves. */
const example: Environment = {
  name: "example",
  place: { file: "/" },
  root: { kind: "archive", file: "/" },
  commands: [],
  defaultCommands: true,
  host: [],
  variables: { set: {}, pass: [] },
  mounts: [],
  share: [],
  limits: {},
};
