import { didYouMean } from "../../base/text.ts";
import { findAccount, findGroup, groupsOf } from "../accounts.ts";
import { capabilityNames, isCapability } from "../capabilities.ts";
import type { Settings } from "../settings.ts";
import { recordEach, type Wrong } from "./mistakes.ts";

export function setUser(settings: Settings, who: number | string): Wrong {
  const uid = typeof who === "number" ? who : findAccount(who)?.uid;
  if (uid === undefined || !isId(uid)) return `there is no user ${who}`;
  settings.uid = uid;
  return undefined;
}

export function setGroup(settings: Settings, which: number | string): Wrong {
  const gid = typeof which === "number" ? which : findGroup(which);
  if (gid === undefined || !isId(gid)) return `there is no group ${which}`;
  settings.gid = gid;
  return undefined;
}

/** @param which "init": those that the user has who was told before. */
export function setGroups(settings: Settings, which: "none" | "init" | readonly number[]): Wrong {
  if (which === "init") {
    const account = findAccount(settings.uid ?? process.getuid?.() ?? 0);
    if (!account) return `the user ${settings.uid} is not in /etc/passwd: which groups are theirs cannot be told`;
    settings.groups = groupsOf(account);
    return undefined;
  }
  const list = which === "none" ? [] : [...which];
  const wrong = list.find((one) => !isId(one));
  if (wrong !== undefined) return `${wrong} is no group`;
  settings.groups = list;
  return undefined;
}

export function allowCapabilities({ capabilities }: Settings, names: readonly string[]): Wrong {
  return recordEach(names, (name) => {
    if (!isCapability(name)) return `there is no capability ${name}. ${didYouMean(name, capabilityNames) ?? ""}`.trim();
    if (!capabilities) return "allowCapability() comes after clearCapabilities()";
    capabilities.push(name);
    return undefined;
  });
}

/** The last number means "leave it" to the kernel. */
const isId = (id: number) => Number.isInteger(id) && id >= 0 && id < 2 ** 32 - 1;
