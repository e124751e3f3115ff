import { QpodError } from "../base/errors.ts";
import type { Progress } from "../base/progress.ts";
import { diskFull } from "./host-tools.ts";
import type { Bootstrap, Mirror } from "./mirrors.ts";

/** Follows what apt, dpkg and debootstrap print, and says how far they are. */
export function followOutput(progress: Progress): (line: string) => void {
  let [fetching, total, fetched, done] = [0, 0, 0, 0];
  return (line) => {
    const news = /(\d+) newly installed/.exec(line);
    if (news) {
      total += Number(news[1]);
      fetching = Math.max(fetching, total);
    }
    // The index files are fetched before anything is to be installed.
    const get = /^Get:\d+ \S+ \S+ \S+ (\S+) \S+ \S+ \[/.exec(line) ?? /^I: Retrieving (\S+) \S/.exec(line);
    if (get) progress.update(`fetching ${get[1]}${count(++fetched, fetching)}`);
    const set = /^Setting up ([^\s:]+)/.exec(line) ?? /^I: Configuring ([^.\s]+)\.\.\./.exec(line);
    if (set) progress.update(`installing ${set[1]}${count(++done, total)}`);
    const unpack = /^I: (?:Unpacking|Extracting) ([^.\s]+)\.\.\./.exec(line);
    if (unpack) progress.update(`unpacking ${unpack[1]}`);
  };
}

function count(n: number, of: number): string {
  return of >= n ? ` (${n} of ${of})` : "";
}

const OTHER_MIRROR = "Choose another mirror with `mirror:`, or an archive that keeps the release whole.";

/** Why a bootstrap failed, from all that the tool printed. */
export function bootstrapError(output: string, root: Bootstrap, mirror: Mirror): QpodError {
  const release = `${root.distribution} ${root.release}`;
  const error = (fact: string, remedy?: string) => new QpodError({ fact, remedy });
  if (/No space left on device|Disk quota exceeded|don't have enough free space/.test(output)) return diskFull();

  const unknown = findAll(
    output,
    /Unable to locate package (\S+)|Package '?([^\s']+)'? has no installation candidate|Couldn't find these debs: (.+)/g,
  );
  if (unknown.length > 0) {
    return error(
      `${release} at ${mirror.uri} has no package ${unknown.join(", ")}`,
      `Check \`packages:\`, and whether another component has it (now: ${root.components.join(", ")}).`,
    );
  }
  const unsigned =
    /(?:NO_PUBKEY|EXPKEYSIG|REVKEYSIG|EXPSIG|BADSIG) \S+|signed by unknown key \([^)]*\)|Invalid Release signature[^\n]*|is not signed/.exec(
      output,
    )?.[0];
  if (unsigned) {
    return error(
      `the signature of ${release} at ${mirror.uri} cannot be checked: ${unsigned}`,
      "Name the keys with `keyring:` under `bootstrap:`; `trusted: true` there takes the release unchecked.",
    );
  }
  const lost = findAll(output, /Failed to fetch (\S+)\s+404|Couldn't download (?:packages: )?(\S.*)|Couldn't find (\S+ at \S+)/g);
  if (lost.length > 0) {
    const names = lost.map((url) => url.split("/").at(-1) ?? url);
    return error(`${mirror.uri} no longer has all of ${release}: ${shorten(names)} is missing`, OTHER_MIRROR);
  }
  if (/does not have a Release file|Failed getting release file/.test(output))
    return error(`${mirror.uri} does not have ${release}`, OTHER_MIRROR);
  const stale = /Release file for (\S+) is (?:expired|not valid yet)/.exec(output);
  if (stale)
    return error(
      `${stale[1]} is out of date`,
      "If it is an archive, call it `archive:` under `bootstrap:`, not `mirror:`; else check this machine's clock.",
    );
  const unmet = /^ (\S+) : (?:Pre)?Depends: (.+)$/m.exec(output);
  if (unmet) return error(`${release} at ${mirror.uri} cannot install ${unmet[1]}: it needs ${unmet[2]}`, OTHER_MIRROR);
  const script = /No such script: \S*\/(\S+)/.exec(output);
  if (script) return error(`debootstrap does not know the release ${script[1]}`, "Install mmdebstrap, or a newer debootstrap.");
  const unreachable = /Failed to fetch (\S+)\s+(.+)/.exec(output);
  if (unreachable)
    return error(`${unreachable[1]} cannot be fetched: ${unreachable[2]?.trim()}`, "Check the network, and apt's proxy settings.");
  return error(`the bootstrap of ${release} from ${mirror.uri} failed: ${lastFault(output)}`);
}

/** Tools end with lines that only say that they failed. */
function lastFault(output: string): string {
  const lines = output
    .split(/[\r\n]+/)
    .map((line) => line.trim())
    .filter(Boolean);
  const empty = /mmdebstrap failed to run|received signal|^I: |^done$|for details$|^W: Failure (?:trying|while)/;
  const faults = lines.filter((line) => /^(E:|W:|dpkg: error|tar:|mount:|.*cannot )/.test(line) && !empty.test(line));
  return (faults.at(-1) ?? lines.filter((line) => !empty.test(line)).at(-1) ?? "it said nothing").replace(/^E: /, "");
}

function findAll(output: string, pattern: RegExp): string[] {
  return [...new Set([...output.matchAll(pattern)].map((match) => (match[1] ?? match[2] ?? match[3] ?? "").trim()))];
}

function shorten(names: string[]): string {
  return names.length <= 3 ? names.join(", ") : `${names.slice(0, 3).join(", ")} and ${names.length - 3} more`;
}
