import type { HostFact, HostView } from "./host-view.ts";

const name = "subordinate ids";

/** How many ids /etc/subuid or /etc/subgid gives the user, under the name or the number. */
export function countSubordinateIds(text: string, user: string, uid: number): number {
  return text
    .split("\n")
    .map((line) => line.trim().split(":"))
    .filter(([owner]) => owner === user || owner === String(uid))
    .reduce((sum, [, , count]) => sum + (Number(count) || 0), 0);
}

/** Without them podman cannot unpack an image whose files belong to more than one id. */
export async function probeSubordinateIds(host: HostView): Promise<HostFact> {
  if (host.uid === 0) return { name, state: "ok", fact: "root needs none" };
  const tools = ["newuidmap", "newgidmap"].filter((tool) => !host.program(tool));
  if (tools.length > 0) {
    return {
      name,
      state: "problem",
      fact: `${tools.join(" and ")} not installed: pods of yours hold only your own id`,
      remedy: "Install the package uidmap (shadow-utils on Fedora and its kin).",
    };
  }
  const [uids, gids] = ["/etc/subuid", "/etc/subgid"].map((file) =>
    countSubordinateIds(host.read(file) ?? "", host.user, host.uid),
  ) as [number, number];
  if (Math.min(uids, gids) > 0) {
    const few = Math.min(uids, gids) < 65536;
    return {
      name,
      state: "ok",
      fact: `${Math.min(uids, gids)} ids${few ? ": fewer than the 65536 that most images want" : ""}`,
    };
  }
  // Ids may also come from the directory service, which /etc/nsswitch.conf says.
  if (/^subid:(?!\s*files\s*$)/m.test(host.read("/etc/nsswitch.conf") ?? "")) {
    return { name, state: "ok", fact: "given by the directory service (subid in nsswitch.conf)" };
  }
  return {
    name,
    state: "problem",
    fact: `/etc/subuid and /etc/subgid give ${host.user} none: files of other owners in an image cannot be unpacked`,
    remedy: `sudo usermod --add-subuids 100000-165535 --add-subgids 100000-165535 ${host.user}`,
  };
}
