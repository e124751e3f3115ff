import type { Bench } from "./bench.ts";
import { findTool } from "./host.ts";
import { brief, type Variant } from "./take-turns.ts";
import type { World } from "./world.ts";

/** The other ways to run `true` in an old root, as far as they are installed; and why the rest is not measured. */
export async function otherWays(bench: Bench, world: World, pid: number, suffix: string) {
  const root = await bench.findRoot();
  const variants: Record<string, Variant> = {};
  const missing: string[] = [];
  const add = (name: string, what: string, make: (program: string) => [string, ...string[]]) => {
    const program = findTool(name);
    if (program) variants[name] = { ...brief, batch: 5, what: `${what}${suffix}`, user: world.become, argv: make(program) };
    else missing.push(`${name} is not installed`);
  };
  // It joins the user namespace first, and from that of the user's identity the pod's mounts are out of its reach.
  if (!bench.isRoot || world.user) missing.push("nsenter cannot join an ordinary user's pod");
  else add("nsenter", "nsenter into the pod", (program) => [program, "--target", String(pid), "--mount", "/bin/true"]);
  add("bwrap", "bwrap on the same root", (program) => [program, "--ro-bind", root, "/", "--dev", "/dev", "--proc", "/proc", "/bin/true"]);
  return { variants, missing };
}
