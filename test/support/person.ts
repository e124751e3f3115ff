import { execFileSync, type SpawnSyncReturns, spawnSync } from "node:child_process";

/** Somebody who uses qpod. */
export interface Person {
  name: string;
  uid: number;
  gid: number;
}

const ORDINARY = "qpod-test";

/** Root and an ordinary user when tests are run by root; else only who runs them. */
export function findPeople(): Person[] {
  const uid = process.getuid?.() ?? 0;
  if (uid !== 0) return [lookUp(String(uid))];
  if (spawnSync("id", [ORDINARY]).status !== 0) makeUser();
  return [lookUp("root"), lookUp(ORDINARY)];
}

/** Two test runs may make the user at once; who comes second finds it made. */
function makeUser() {
  const made = spawnSync("useradd", ["--create-home", "--shell", "/bin/sh", ORDINARY], { encoding: "utf8" });
  if (made.status !== 0 && spawnSync("id", [ORDINARY]).status !== 0) throw new Error(`cannot make the user ${ORDINARY}: ${made.stderr}`);
}

export function lookUp(who: string): Person {
  const [name = "", , uid, gid] = execFileSync("getent", ["passwd", who], { encoding: "utf8" }).trim().split(":");
  return { name, uid: Number(uid), gid: Number(gid) };
}

/** argv that is run as that person, with nothing of ours but the variables it is given. */
export function asPerson(person: Person, argv: readonly string[]): [string, ...string[]] {
  const [program = "", ...args] = argv;
  if (person.uid === process.getuid?.()) return [program, ...args];
  return ["setpriv", "--reuid", String(person.uid), "--regid", String(person.gid), "--init-groups", "--", program, ...args];
}

/** Runs a program to its end, without a terminal. */
export function runAs(
  person: Person,
  argv: readonly string[],
  options: { cwd: string; env: Record<string, string>; input?: string },
): SpawnSyncReturns<string> {
  const [program, ...args] = asPerson(person, argv);
  const result = spawnSync(program, args, { ...options, encoding: "utf8", maxBuffer: 64 << 20 });
  if (result.error) throw result.error;
  return result;
}
