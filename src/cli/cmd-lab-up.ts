import { realpathSync } from "node:fs";
import { keepLab, nameLab } from "../lab/kept.ts";
import { readTopology } from "../lab/topology-file.ts";
import type { Input } from "./command.ts";

/** Makes a lab from its file. It stays until `qpod lab down`, kept up by its own first process. */
export async function run({ args, options, paths, output }: Input): Promise<number> {
  const [file = ""] = args;
  const name = nameLab(typeof options.name === "string" ? options.name : file);
  const topology = await readTopology(file);
  const { place } = await keepLab(paths, name, realpathSync(file), topology);
  output.line(`lab ${name} is up: ${[...place.hosts.keys()].join(", ")}`);
  return 0;
}
