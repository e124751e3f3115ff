import { loadEnvironment } from "../config/find.ts";
import { publish } from "../engine/publish.ts";
import { chooseEngine } from "../engine/select.ts";
import { endSuperseded } from "../engine/superseded.ts";
import { comparePackages, type PackageChange, readPackages } from "../image/packages.ts";
import type { PreparedRoot } from "../image/root-tree.ts";
import { readPrepared, writePrepared } from "../image/store.ts";
import type { Input } from "./command.ts";
import { makeMaker, withProgress } from "./context.ts";

const LINES = 30;

/** Fetches or makes an environment's root anew. The next command uses it; running ones keep the one they began with. */
export async function run({ args, options, paths, output }: Input): Promise<number> {
  const name = args[0] ?? "";
  const environment = await loadEnvironment(name, paths);
  const fixed = usedAsItIs[environment.root.kind];
  if (fixed) {
    if (options.json) output.json({ environment: name, changed: false, packages: [] });
    else output.line(fixed);
    return 0;
  }
  const maker = makeMaker(paths);
  const { engine } = await chooseEngine(environment, maker.engines);
  const before = readPrepared(paths, environment, engine.name);
  const packages = readPackages(before?.tree?.folder);
  const after = await withProgress((progress) => engine.prepare(environment, progress, true));
  if (!after.tree) writePrepared(paths, environment, engine.name, after);
  await publish(maker);
  await endSuperseded(maker);
  const changed = before?.identity !== after.identity;
  const present = readPackages(after.tree?.folder);
  const changes = packages && present ? comparePackages(packages, present) : [];
  if (options.json) output.json({ environment: name, changed, from: before?.identity, to: after.identity, packages: changes });
  else if (!changed) output.line(`${name} is up to date (${after.identity})`);
  else {
    output.line(before ? `updated ${name} from ${before.identity} to ${after.identity}` : `fetched ${name} (${after.identity})`);
    for (const line of before ? describe(before, after, changes) : []) output.line(line);
  }
  return 0;
}

const usedAsItIs: Record<string, string | undefined> = {
  rootfs: "its root is a folder, which is used as it is",
  host: "its root is this system's own",
  archive: "its root is an archive, which is unpacked again when the file changes",
};

/** Packages by version; where there are none, the programs that came and went. */
function describe(before: PreparedRoot, after: PreparedRoot, packages: readonly PackageChange[]): string[] {
  const without = (some: string[], others: string[]) => some.filter((name) => !others.includes(name));
  const lines =
    packages.length > 0
      ? packages.map(sayPackage)
      : [
          ...without(after.programs, before.programs).map((name) => `  new program: ${name}`),
          ...without(before.programs, after.programs).map((name) => `  program gone: ${name}`),
        ];
  return lines.length > LINES ? [...lines.slice(0, LINES), `  and ${lines.length - LINES} more`] : lines;
}

function sayPackage({ name, before, after }: PackageChange): string {
  if (before === undefined) return `  new package: ${name} ${after}`;
  return after === undefined ? `  package gone: ${name} ${before}` : `  ${name} ${before} -> ${after}`;
}
