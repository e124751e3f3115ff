import { QpodError } from "../base/errors.ts";
import type { Paths } from "../base/paths.ts";
import { readDockerFacts } from "./docker-facts.ts";
import { probeUserNamespaces } from "./host-namespaces.ts";
import type { HostFact, HostView } from "./host-view.ts";

/** What there is to say about docker on this host; nothing where it is not installed, since nobody needs it. */
export async function probeDocker(host: HostView, paths: Paths): Promise<HostFact[]> {
  if (!host.program("docker")) return [];
  try {
    const { version, socket, storageDriver } = await readDockerFacts(host, paths);
    return [{ name: "docker", state: "ok", fact: `${version} at ${socket}, storage ${storageDriver}; ${sayEntry(host)}` }];
  } catch (error) {
    if (!(error instanceof QpodError)) throw error;
    // Other engines do its work: that it cannot be used is no problem of this host's.
    return [{ name: "docker", state: "worked around", fact: `not used: ${error.fact}`, ...(error.remedy ? { remedy: error.remedy } : {}) }];
  }
}

/** How commands will get into its pods. The kernel's word is had only when a container tries. */
function sayEntry(host: HostView): string {
  if (host.uid === 0) return "root joins its pods";
  const namespaces = probeUserNamespaces(host);
  return namespaces.state === "problem"
    ? `its pods run your commands for you (user namespaces: ${namespaces.fact})`
    : "its pods lend you their files";
}
