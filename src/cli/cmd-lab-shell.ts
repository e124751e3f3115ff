import { requireKept } from "../lab/kept.ts";
import { becomeCommand } from "./cmd-lab-run.ts";
import type { Input } from "./command.ts";

/** Starts a shell in a host of a lab: the user's own, or sh where the host's root has none such. */
export async function run({ args, options, paths }: Input): Promise<number> {
  const [host = ""] = args;
  const lab = requireKept(paths, typeof options.lab === "string" ? options.lab : undefined);
  const shell = process.env.SHELL;
  const own = lab.topology.hosts[host]?.root;
  becomeCommand(lab, host, [shell && (own === undefined || own === "system") ? shell : "/bin/sh"], "shell");
  return 0;
}
