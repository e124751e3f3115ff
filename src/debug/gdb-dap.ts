import { run } from "../process/run.ts";
import { type Channel, type Ended, startChild } from "./child.ts";
import { GdbError, noGdb } from "./gdb-error.ts";
import { becomeArguments, type Place, sourceArguments } from "./place.ts";

/** The first gdb with the protocol. */
const OLDEST = 14;

/** The version that `gdb --version` tells, as in "GNU gdb (Debian 13.1-3) 13.1"; undefined for what is not gdb's. */
export function readGdbVersion(text: string): { major: number; text: string } | undefined {
  const found = /^GNU gdb.* (\d+)\.(\S+)$/m.exec(text);
  return found ? { major: Number(found[1]), text: `${found[1]}.${found[2]}` } : undefined;
}

/**
 * Lets an editor talk to gdb by the debug adapter protocol: stdin, stdout and stderr are gdb's.
 * @param args more of gdb's own.
 * @throws GdbError `old-gdb` before gdb 14, which has no such protocol, and `no-gdb`.
 */
export async function passDap(place: Place, args: readonly string[]): Promise<Ended> {
  await requireDap(place);
  const ours: ReadonlyMap<number, Channel> = new Map([0, 1, 2].map((fd) => [fd, fd]));
  const argv = ["gdb", "--interpreter=dap", ...sourceArguments(place), ...args];
  return (await startChild([...becomeArguments({ place, diesWithUs: true }), ...argv], ours)).ended;
}

async function requireDap(place: Place): Promise<void> {
  const { status, stdout, stderr } = await run([...becomeArguments({ place }), "gdb", "--version"]);
  const version = readGdbVersion(stdout);
  if (!version) throw noGdb(stderr ? stderr.split("\n") : [`gdb --version ended with status ${status}`]);
  if (version.major >= OLDEST) return;
  throw new GdbError(
    "old-gdb",
    `gdb ${version.text} does not know the debug adapter protocol`,
    `It needs gdb ${OLDEST} or newer; \`qpod debug SCRIPT\` works with this one.`,
  );
}
