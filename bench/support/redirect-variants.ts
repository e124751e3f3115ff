import type { Bench } from "./bench.ts";
import type { Variant } from "./take-turns.ts";
import type { World } from "./world.ts";

/** An environment on this root; `true` goes there too, as the command whose own time is least. */
export function definitionOf(root: string): string {
  return `rootfs: ${JSON.stringify(root)}\nengine: embedded\ncommands: ["true"]\n`;
}

/** The launcher as the preload library starts it. */
export function launcherVariant(world: World, repository: string, path: string, ...args: string[]): Omit<Variant, "what"> {
  return { user: world.become, cwd: repository, set: { QPOD_EXEC: path }, argv: [world.layout.launch, ...args] };
}

/** The same program of the same root; an ordinary user may not chroot, and has the host's instead. */
export function directVariant(bench: Bench, world: World, root: string, program: string): Omit<Variant, "what"> {
  return { user: world.become, argv: [program], ...(bench.isRoot ? { root } : {}) };
}
