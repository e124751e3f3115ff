import { readFileSync } from "node:fs";

/** A user of /etc/passwd. The launcher is static, so other databases (LDAP, say) are not asked: give numbers for those. */
export interface Account {
  name: string;
  uid: number;
  gid: number;
}

export function findAccount(who: string | number): Account | undefined {
  const fields = readLines("/etc/passwd").find(([name, , uid]) => (typeof who === "number" ? uid === String(who) : name === who));
  return fields && { name: fields[0] ?? "", uid: Number(fields[2]), gid: Number(fields[3]) };
}

export function findGroup(name: string): number | undefined {
  const fields = readLines("/etc/group").find((one) => one[0] === name);
  return fields && Number(fields[2]);
}

/** The supplementary groups that logging in would give. */
export function groupsOf({ name, gid }: Account): number[] {
  const others = readLines("/etc/group").filter(([, , , members]) => members?.split(",").includes(name));
  return [...new Set([gid, ...others.map((fields) => Number(fields[2]))])];
}

function readLines(file: string): string[][] {
  return readFileSync(file, "utf8")
    .split("\n")
    .filter(Boolean)
    .map((line) => line.split(":"));
}
