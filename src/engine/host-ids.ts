import { countIds, readIdMaps } from "../launch/user-namespace.ts";
import type { HostFact, HostView } from "./host-view.ts";

const name = "subordinate ids";
/** What images commonly use: nobody is 65534. */
const USUAL = 65535;

/** Without them an image whose files belong to more than one id cannot be unpacked as it is. */
export function probeSubordinateIds(host: HostView, gid = process.getgid?.() ?? 0): HostFact {
  if (host.uid === 0) return { name, state: "ok", fact: "root needs none" };
  const maps = readIdMaps({
    user: { uid: host.uid, gid, name: host.user },
    subuid: host.read("/etc/subuid") ?? "",
    subgid: host.read("/etc/subgid") ?? "",
    hasProgram: (program) => host.program(program) !== undefined,
  });
  if (maps.ownership === "subordinate") {
    const few = Math.min(countIds(maps.uidMap), countIds(maps.gidMap)) < USUAL;
    return { name, state: "ok", fact: few ? `${maps.reason}: fewer than the 65536 that most images want` : maps.reason };
  }
  // The directory service may give ids that no file shows; podman asks it.
  if (/^subid:(?!\s*files\s*$)/m.test(host.read("/etc/nsswitch.conf") ?? "")) {
    return { name, state: "ok", fact: "given to podman by the directory service (subid in nsswitch.conf)" };
  }
  const range = freeRange([host.read("/etc/subuid") ?? "", host.read("/etc/subgid") ?? ""]);
  return {
    name,
    state: "problem",
    fact: `${maps.reason}, so files of an image keep no owner but you, and podman cannot unpack it`,
    remedy: host.program("newuidmap")
      ? `sudo usermod --add-subuids ${range} --add-subgids ${range} ${host.user}`
      : "Install newuidmap and newgidmap (package uidmap, or shadow-utils).",
  };
}

/** Ids that nobody has yet: whoever shares another user's could change what belongs to them. */
function freeRange(files: readonly string[]): string {
  const ends = files
    .flatMap((text) => text.split("\n"))
    .map((line) => line.split(":").slice(1).map(Number))
    .map(([first = 0, count = 0]) => first + count)
    .filter(Number.isSafeInteger);
  const first = Math.max(100_000, ...ends);
  return `${first}-${first + USUAL}`;
}
