import { userInfo } from "node:os";
import { readIfThere } from "../base/files.ts";
import { homeFolder } from "../base/paths.ts";

/** The invoking user, as a pod must know them. */
export interface User {
  uid: number;
  gid: number;
  name: string;
  group: string;
  home: string;
}

/** Asks the user database; a uid that it does not know (a container's, say) gets a name made from the number. */
export function invokingUser(): User {
  const uid = process.getuid?.() ?? 0;
  const gid = process.getgid?.() ?? 0;
  return { uid, gid, name: userName(uid), group: groupName(gid), home: homeFolder() };
}

function userName(uid: number): string {
  try {
    return userInfo().username;
  } catch {
    return `u${uid}`;
  }
}

function groupName(gid: number): string {
  const line = (readIfThere("/etc/group") ?? "").split("\n").find((text) => text.split(":")[2] === String(gid));
  return line?.split(":")[0] || `g${gid}`;
}
