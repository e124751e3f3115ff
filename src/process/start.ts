import { Child } from "./child.ts";
import { currentDryRunner, startDry } from "./dry-run.ts";
import type { Listener, Running } from "./launch.ts";
import { FIRST_SLOT, startOneShot } from "./one-shot.ts";
import { CommandError } from "./outcome.ts";
import { quoteCommand } from "./quote.ts";
import { makeOperations } from "./request.ts";
import { residentLauncher } from "./resident.ts";
import type { Settings, WordsDoor } from "./settings.ts";

/** Starts what these settings say; how it goes on, the child tells. */
export async function startChild<Out extends string | Buffer>(settings: Settings): Promise<Child<Out>> {
  const runner = currentDryRunner();
  const door = runner ? undefined : await settings.environment?.enter();
  // Nothing is awaited from here on: what is aborted later is heard by the child.
  if (settings.abort?.aborted)
    throw new CommandError({ kind: "refused", cause: "aborted before it was started", code: "ECANCELED" }, quoteCommand(settings.argv));
  if (runner) return new Child<Out>(settings, (listener) => ({ running: startDry(runner, settings, listener) }));
  const passed = findPassed(settings);
  const slots = new Map(passed.map((fd, i) => [fd, FIRST_SLOT + i]));
  const stays = settings.way === "resident" && passed.length === 0 && hasFolder(settings);
  const list =
    door && "words" in door
      ? makeOperations({ settings: behind(door, settings), slots, stays, entering: undefined })
      : makeOperations({ settings, slots, stays, entering: door });
  const directions = directionsOf(settings);
  return new Child<Out>(settings, (listener): { running: Running; forget?: () => void } => {
    if (!stays) return { running: startOneShot({ list, passed, directions, captured: capturedOf(settings) }, listener) };
    const resident = residentLauncher();
    return { running: resident.start(list, directions, listener as Listener), forget: () => resident.forget(listener) };
  });
}

/** The command behind the words that bring it to where it runs; they see to its folder. */
function behind(door: WordsDoor, settings: Settings): Settings {
  return { ...settings, argv: [...door.words(settings.cwd), ...settings.argv], cwd: undefined };
}

/** Descriptors of ours, each once. */
function findPassed(settings: Settings): number[] {
  const ours = [...settings.descriptors.values()].flatMap((from) => (from.kind === "ours" ? [from.fd] : []));
  return [...new Set(ours)];
}

/** The launcher that stays cannot follow us into a folder that was removed. */
function hasFolder(settings: Settings): boolean {
  if (settings.cwd !== undefined || settings.environment) return true;
  try {
    process.cwd();
    return true;
  } catch {
    return false;
  }
}

function directionsOf(settings: Settings): Map<number, "read" | "written"> {
  const directions = new Map<number, "read" | "written">();
  for (const [target, from] of settings.descriptors) if (from.kind === "pipe") directions.set(target, from.direction);
  return directions;
}

function capturedOf(settings: Settings): Set<number> {
  const captured = new Set([1, 2].filter((target) => !settings.descriptors.has(target) && !settings.daemon));
  for (const [target, from] of settings.descriptors) if (from.kind === "captured") captured.add(target);
  return captured;
}
