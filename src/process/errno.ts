import { constants } from "node:os";

/** Some have two names; the usual one comes first. */
const errnoNames = new Map(
  Object.entries(constants.errno)
    .reverse()
    .map(([name, number]) => [number, name]),
);

/** ENOENT for 2. */
export function errnoName(errno: number): string {
  return errnoNames.get(errno) ?? `errno ${errno}`;
}

const reasons: Record<string, string> = {
  ENOENT: "not found",
  EACCES: "permission denied",
  EPERM: "not permitted",
  ENOEXEC: "it is no program, and no script with an interpreter line",
  ENOTDIR: "a part of the path is not a folder",
  E2BIG: "its arguments and variables are too long",
  ENOTSUP: "not supported here",
};

export function explainErrno(code: string): string {
  return reasons[code] ? `${reasons[code]} (${code})` : code;
}
