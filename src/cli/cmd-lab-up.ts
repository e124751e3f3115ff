import { realpathSync } from "node:fs";
import { keepLab, nameLab } from "../lab/kept.ts";
import { readTopologyFile } from "../lab/topology-file.ts";
import type { Input } from "./command.ts";

/** Makes a lab from its file. It stays until `qpod lab down`, kept up by its own first process. */
export async function run({ args, options, paths, output }: Input): Promise<number> {
  const [file = ""] = args;
  const name = nameLab(file, typeof options.name === "string" ? options.name : undefined);
  const { topology, placeError } = await readTopologyFile(file);
  const { place } = await keepLab(paths, name, realpathSync(file), topology).catch((error: unknown) => {
    throw placeError(error);
  });
  output.line(`lab ${name} is up: ${[...place.hosts.keys()].join(", ") || "it has no hosts"}`);
  return 0;
}
