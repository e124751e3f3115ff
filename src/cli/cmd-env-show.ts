import { formatPlace } from "../base/errors.ts";
import { splitCommands, splitHost } from "../config/defaults.ts";
import { loadEnvironment } from "../config/find.ts";
import { chooseEngine } from "../engine/select.ts";
import { describeRoot } from "../image/definition.ts";
import { readPrepared } from "../image/store.ts";
import type { Input } from "./command.ts";
import { allEngines } from "./context.ts";

/** Shows an environment as it is understood: with defaults filled in, paths resolved and the engine chosen. */
export async function run({ args, options, paths, output }: Input): Promise<number> {
  const environment = await loadEnvironment(args[0] ?? "", paths);
  const { engine, why } = await chooseEngine(environment, allEngines(paths));
  const commands = splitCommands(environment.commands, environment.defaultCommands);
  const host = splitHost(environment.host);
  const prepared = readPrepared(paths, environment, engine.name);
  if (options.json) {
    const { place, ...defined } = environment;
    output.json({
      ...defined,
      file: place.file,
      engine: engine.name,
      why,
      commands,
      host,
      prepared: prepared && { identity: prepared.identity, folder: prepared.tree?.folder },
    });
    return 0;
  }
  const row = (name: string, value: string) => value !== "" && output.line(`${name.padEnd(10)} ${value}`);
  row("name", environment.name);
  row("file", formatPlace(environment.place));
  row("says", environment.description ?? "");
  row("root", describeRoot(environment.root));
  row("engine", `${engine.name}: ${why}`);
  row("at hand", prepared ? `yes (${prepared.identity})` : "no: it is fetched by the first command, or `qpod up`");
  row("commands", [...commands.names, ...commands.globs].join(" "));
  row("on host", [...host.names, ...host.paths].join(" "));
  for (const [name, value] of Object.entries(environment.variables.set)) row("sets", `${name}=${value}`);
  row("passes", environment.variables.pass.join(" "));
  for (const { source, target, readOnly } of environment.mounts) row("mounts", `${source} on ${target}${readOnly ? " (read-only)" : ""}`);
  row("shares", environment.share.join(" "));
  for (const [name, value] of Object.entries(environment.limits)) row("limits", `${name} ${value}`);
  row("path", environment.path ?? "");
  return 0;
}
