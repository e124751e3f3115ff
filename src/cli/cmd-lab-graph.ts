import { drawSvg } from "../lab/draw-svg.ts";
import { drawText } from "../lab/draw-text.ts";
import { requireKept } from "../lab/kept.ts";
import { readTopology } from "../lab/topology-file.ts";
import type { Input } from "./command.ts";

/** Draws a lab: one that is described in a file, or that is up. */
export async function run({ args, options, paths, output }: Input): Promise<number> {
  const [file] = args;
  const topology =
    file === undefined ? requireKept(paths, typeof options.lab === "string" ? options.lab : undefined).topology : await readTopology(file);
  const text = options.svg ? drawSvg(topology) : drawText(topology);
  for (const line of text.trimEnd().split("\n")) output.line(line);
  return 0;
}
