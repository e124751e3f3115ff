/** Cases of labs, each run by name in a process of its own: cases.mjs NAME [ARGUMENT]. */
import { commandCases } from "./command-cases.ts";
import { networkCases } from "./network-cases.ts";
import { rootCases } from "./root-cases.ts";
import { traceCases } from "./trace-cases.ts";

const cases: Record<string, (argument: string) => Promise<void>> = { ...commandCases, ...networkCases, ...rootCases, ...traceCases };
const [name = "", argument = ""] = process.argv.slice(2);
const run = cases[name];
if (!run) throw new Error(`there is no case ${name}`);
await run(argument);
