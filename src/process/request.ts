import { constants } from "node:fs";
import { resolve } from "node:path";
import { enter, type Operation, op, source, userBits } from "../launch/operations.ts";
import { capabilityMask } from "./capabilities.ts";
import { findSessionLauncher } from "./session.ts";
import type { Limits, PodDoor, Settings, SetUpStep, Source } from "./settings.ts";
import { signalNumber } from "./signals.ts";
import { makeVariables } from "./variables.ts";

/** RLIMIT_* of linux/resource.h. */
const resources: Record<keyof Limits, number> = { cpu: 0, core: 4, processes: 6, files: 7, memlock: 8, addressSpace: 9 };
/** The format counts strings with 16 bits. */
const STRINGS_MAX = 60_000;
const INFINITE = 2n ** 64n - 1n;

const signed = (number: number) => BigInt.asUintN(64, BigInt(number));

export interface Making {
  settings: Settings;
  /** Where ours of that number is in the launcher. */
  slots: ReadonlyMap<number, number>;
  /** The launcher stays, and hands on what is captured; else the caller reads a pipe. */
  stays: boolean;
  entering: PodDoor | undefined;
}

/** What is done in the child, in this order, before it becomes the program. The first operation, its number, is the launcher's. */
export function makeOperations(making: Making): Operation[] {
  const { settings } = making;
  const list: Operation[] = [
    ...inParts(op.arguments, settings.argv),
    ...inParts(op.set, makeVariables(settings.variables, settings.inheritVariables)),
    ...descriptorOperations(making),
    { code: op.closeRest },
  ];
  const session = making.entering ? undefined : findSessionLauncher();
  if (session) list.push({ code: op.sessionLaunch, strings: [session] });
  if (settings.daemon) list.push({ code: op.daemon });
  if (settings.pidfile !== undefined) list.push({ code: op.pidfile, strings: [resolve(settings.pidfile)] });
  // The default folder is taken as who we are: whom we become may not be allowed to enter it by its path.
  if (!making.entering && settings.cwd === undefined && making.stays) list.push({ code: op.folder, strings: [process.cwd()] });
  list.push(...limitOperations(settings));
  list.push(...settings.steps.filter((step) => !isLate(step)).map(stepOperation));
  if (making.entering) list.push(enterOperation(making.entering), ...insideOperations(settings));
  list.push(...credentialOperations(settings));
  if (settings.umask !== undefined) list.push({ code: op.umask, numbers: [settings.umask] });
  const folder = settings.daemon ? (settings.cwd ?? "/") : (settings.cwd ?? (making.entering ? process.cwd() : undefined));
  if (folder !== undefined) list.push({ code: op.folder, strings: [resolve(folder)] });
  // The kernel forgets them when the user changes.
  list.push(...settings.steps.filter(isLate).map(stepOperation));
  if (settings.handshake) list.push({ code: op.handshake });
  list.push({ code: op.run, strings: [settings.argv[0] ?? ""] });
  return list;
}

function inParts(code: typeof op.arguments | typeof op.set, strings: readonly string[]): Operation[] {
  if (strings.length <= STRINGS_MAX) return [{ code, strings }];
  const parts: Operation[] = [];
  for (let i = 0; i < strings.length; i += STRINGS_MAX) parts.push({ code, strings: strings.slice(i, i + STRINGS_MAX) });
  return parts;
}

function descriptorOperations({ settings, slots, stays }: Making): Operation[] {
  const all = new Map<number, Source>([
    [0, { kind: "null" }],
    [1, settings.daemon ? { kind: "null" } : { kind: "captured" }],
    [2, settings.daemon ? { kind: "null" } : { kind: "captured" }],
    ...settings.descriptors,
  ]);
  // What is the same as another comes after it.
  const ordered = [...all].sort(([a, x], [b, y]) => Number(x.kind === "same") - Number(y.kind === "same") || a - b);
  return ordered.map(([target, from]) => descriptorOperation(target, from, slots, stays));
}

function descriptorOperation(target: number, from: Source, slots: ReadonlyMap<number, number>, stays: boolean): Operation {
  const code = op.descriptor;
  switch (from.kind) {
    case "null": {
      // Of others nobody knows whether it is to be read or written.
      const how = [constants.O_RDONLY, constants.O_WRONLY, constants.O_WRONLY][target] ?? constants.O_RDWR;
      return { code, numbers: [target, source.file, how], strings: ["/dev/null"] };
    }
    case "bytes":
      return { code, numbers: [target, source.bytes], strings: [from.bytes] };
    case "file": {
      const how = constants.O_WRONLY | constants.O_CREAT | (from.append ? constants.O_APPEND : constants.O_TRUNC);
      return { code, numbers: [target, source.file, target === 0 ? constants.O_RDONLY : how, 0o666], strings: [resolve(from.path)] };
    }
    case "ours":
      return { code, numbers: [target, source.ours, slots.get(from.fd) ?? from.fd] };
    case "same":
      return { code, numbers: [target, source.same, from.as] };
    case "captured":
      return { code, numbers: [target, stays ? source.captured : source.read] };
    case "pipe":
      return { code, numbers: [target, source[from.direction]] };
  }
}

function limitOperations({ nice, oomScore, limits, apparmor, selinux }: Settings): Operation[] {
  const list: Operation[] = [];
  if (nice !== undefined) list.push({ code: op.nice, numbers: [signed(nice)] });
  if (oomScore !== undefined) list.push({ code: op.oomScore, numbers: [signed(oomScore)] });
  for (const [name, limit] of Object.entries(limits) as [keyof Limits, number | "unlimited"][]) {
    list.push({ code: op.rlimit, numbers: [resources[name], limit === "unlimited" ? INFINITE : BigInt(limit)], strings: [name] });
  }
  if (apparmor !== undefined) list.push({ code: op.apparmor, strings: [apparmor] });
  if (selinux !== undefined) list.push({ code: op.selinux, strings: [selinux] });
  return list;
}

function credentialOperations({ uid, gid, groups, capabilities }: Settings): Operation[] {
  const list: Operation[] = [];
  const mask = capabilities && capabilityMask(capabilities);
  if (mask !== undefined) list.push({ code: op.capabilities, numbers: [mask, 0] });
  if (groups !== undefined) {
    const bytes = Buffer.alloc(4 * groups.length);
    for (const [i, group] of groups.entries()) bytes.writeUInt32LE(group, 4 * i);
    list.push({ code: op.groups, strings: [bytes] });
  }
  if (uid !== undefined || gid !== undefined) {
    const bits = (uid === undefined ? 0 : userBits.uid) | (gid === undefined ? 0 : userBits.gid);
    list.push({ code: op.user, numbers: [uid ?? 0, gid ?? 0, bits, mask ?? 0] });
  }
  if (mask !== undefined) list.push({ code: op.capabilities, numbers: [mask, 1] });
  return list;
}

function enterOperation({ runtime, pod, definition, root }: PodDoor): Operation {
  return { code: op.enter, numbers: [0, root ? enter.root : 0, definition], strings: [runtime, pod] };
}

/** The environment's own rules choose what passes of ours; what was set for the command counts over them. */
function insideOperations({ variables }: Settings): Operation[] {
  return variables.flatMap((rule): Operation[] => {
    if (rule.kind !== "set") return [];
    return rule.value === undefined
      ? [{ code: op.unset, strings: [rule.name] }]
      : [{ code: op.set, strings: [`${rule.name}=${rule.value}`] }];
  });
}

function isLate(step: SetUpStep): boolean {
  return step === "no-new-privileges" || (typeof step === "object" && "parentDeathSignal" in step);
}

function stepOperation(step: SetUpStep): Operation {
  if (step === "new-session") return { code: op.newSession };
  if (step === "new-group") return { code: op.newGroup };
  if (step === "no-new-privileges") return { code: op.noPrivileges };
  if ("parentDeathSignal" in step) return { code: op.parentDeath, numbers: [signalNumber(step.parentDeathSignal) ?? 0] };
  if ("ignoreSignal" in step) return { code: op.ignore, numbers: [signalNumber(step.ignoreSignal) ?? 0] };
  if ("write" in step) return { code: op.write, strings: [resolve(step.write), step.text] };
  return { code: op.chroot, strings: [resolve(step.chroot)] };
}
