import { QpodError } from "../base/errors.ts";
import { substitutePath } from "../base/gdb-words.ts";
import { nativeFile } from "../launch/locate.ts";
import { command } from "../process/make-command.ts";
import type { Enterable } from "../process/settings.ts";

/** Where a command that is traced or debugged runs. */
export type Place =
  | { kind: "host" }
  /** `definition`: of the entry that is meant. `root`: as root of the pod. `sources`: the folder that builds see, and the one it is. */
  | { kind: "pod"; runtime: string; id: string; definition: bigint; root?: boolean; sources?: { built: string; shown: string } };

export interface Placing {
  /** Runs in an environment, as commands of `qpod/process` do: `environment("old")`. */
  in?: Enterable | undefined;
  /** The same where it is known already; the host when neither is given. */
  place?: Place | undefined;
}

/** Where it runs; its pod is up then. */
export async function placeOf({ in: environment, place = { kind: "host" } }: Placing): Promise<Place> {
  if (!environment) return place;
  const door = await environment.enter();
  if ("words" in door)
    throw new QpodError({ fact: "a host of a lab is no environment", remedy: "Its commands are traced by `host.trace`." });
  // No program, so that it does nothing but start the pod: under a tracer the launcher would be traced while it does.
  await command("/").in(environment).outcome();
  return { kind: "pod", runtime: door.runtime, id: door.pod, definition: door.definition, root: door.root };
}

export interface Become {
  place: Place;
  /** The launcher says that it is there on the channel, and waits for SIGUSR1. */
  waits?: boolean;
  /** Ends with us, whatever ends us. */
  diesWithUs?: boolean;
  /** Becomes the command's stderr. */
  errorOutput?: number;
  /** What the command does not get. */
  close?: number;
}

/** argv of the launcher's step between a tracer and its command: it goes where the command belongs, and becomes it. */
export function becomeArguments({ place, waits, diesWithUs, errorOutput = -1, close = -1 }: Become): [string, ...string[]] {
  const pod = place.kind === "pod" ? place : undefined;
  const flags = `${pod?.root ? "r" : ""}${waits ? "w" : ""}${diesWithUs ? "d" : ""}`;
  const where = [pod?.runtime ?? "", pod?.id ?? "", String(pod?.definition ?? 0), flags];
  return [nativeFile("qpod-launch"), "become", ...where, String(errorOutput), String(close)];
}

/** What gdb is told about sources that were built under another path. */
export function sourceArguments(place: Place): string[] {
  return place.kind === "pod" && place.sources ? substitutePath(place.sources.built, place.sources.shown) : [];
}
