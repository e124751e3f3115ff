import { type Channel, type Ended, startChild } from "./child.ts";
import { GdbError } from "./gdb-error.ts";
import { becomeArguments, type Place } from "./place.ts";

/** The version that `gdb --version` tells, as in "GNU gdb (Debian 13.1-3) 13.1"; undefined for what is not gdb's. */
export function readGdbVersion(text: string): { major: number; text: string } | undefined {
  const found = /^GNU gdb.* (\d+)\.(\S+)$/m.exec(text);
  return found ? { major: Number(found[1]), text: `${found[1]}.${found[2]}` } : undefined;
}

const missing = () => new GdbError("ended", "qpod-launch is missing", "Run `make build`.");

/**
 * Lets an editor talk to gdb by the debug adapter protocol: stdin and stdout are gdb's.
 * @throws GdbError `old-gdb` before gdb 14, which has no such protocol, and `no-gdb`.
 */
export async function passDap(place: Place, args: readonly string[]): Promise<Ended> {
  const asking = await startChild(
    [...becomeArguments({ place }), "gdb", "--version"],
    new Map<number, Channel>([
      [1, "pipe"],
      [2, "pipe"],
    ]),
    { missing: missing() },
  );
  const [said, failed] = await Promise.all([asking.readable(1), asking.readable(2)].map(readAll));
  const { status } = await asking.ended;
  const version = readGdbVersion(said ?? "");
  if (!version)
    throw new GdbError(
      "no-gdb",
      failed?.trim().replace(/^qpod: /, "") || `gdb --version ended with status ${status}`,
      "Install the package `gdb`.",
    );
  if (version.major < 14)
    throw new GdbError(
      "old-gdb",
      `gdb ${version.text} does not know the debug adapter protocol`,
      "It needs gdb 14 or newer; `qpod debug SCRIPT` works with this one.",
    );
  const channels = new Map<number, Channel>([
    [0, 0],
    [1, 1],
    [2, 2],
  ]);
  const child = await startChild([...becomeArguments({ place, diesWithUs: true }), "gdb", "--interpreter=dap", ...args], channels, {
    missing: missing(),
  });
  return child.ended;
}

async function readAll(stream: AsyncIterable<Buffer>): Promise<string> {
  let text = "";
  for await (const chunk of stream) text += chunk;
  return text;
}
