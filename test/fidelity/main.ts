/** Fills docs/fidelity.md with what was seen: main.js [--columns TEXT] [--rows TEXT] [--out FILE]. */
import { writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { dockerExec } from "./columns/docker.ts";
import { natives } from "./columns/native.ts";
import { peers } from "./columns/peers.ts";
import { sessions } from "./columns/qpod.ts";
import { makeKit, packTree, peersTree } from "./kit.ts";
import { measure, type Result } from "./measure.ts";
import { writePage } from "./page.ts";
import { rows } from "./rows.ts";

async function main(): Promise<void> {
  if (process.getuid?.() !== 0) throw new Error("the matrix is made by root, who becomes an ordinary user for half of it");
  const { values } = parseArgs({ options: { columns: { type: "string" }, rows: { type: "string" }, out: { type: "string" } } });
  const tree = await peersTree(resolve("test/tmp"));
  const kit = makeKit(tree, () => packTree(tree), resolve("test/fidelity/native"));
  const chosen = rows.filter((row) => !values.rows || row.name.includes(values.rows));
  const results: Result[] = [];
  try {
    for (const column of [...natives, ...sessions, ...peers, dockerExec]) {
      if (values.columns && column.kind !== "native" && !column.name.includes(values.columns)) continue;
      const result = await measure(column, kit, chosen, { tell: (text) => console.log(text) });
      console.log(result.reason ? `${column.name}: not run: ${result.reason}` : `${column.name}: ${result.seconds.toFixed(0)} s`);
      results.push(result);
    }
  } finally {
    kit.remove();
  }
  if (values.out) writeFileSync(values.out, writePage(results));
}

main().catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
