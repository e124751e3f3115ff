import { QpodError } from "../base/errors.ts";
import type { Paths } from "../base/paths.ts";
import type { HostFact, HostView } from "./host-view.ts";
import { type PodmanFacts, readPodmanFacts } from "./podman-facts.ts";

/** All there is to say about podman on this host. */
export async function probePodman(host: HostView, paths: Paths): Promise<HostFact[]> {
  try {
    const facts = await readPodmanFacts(host, paths);
    return [sayVersion(facts), sayRuntime(facts), sayStorage(facts), ...(facts.rootless ? [saySession(host)] : [])];
  } catch (error) {
    if (!(error instanceof QpodError)) throw error;
    return [sayFailure(host, error)];
  }
}

function sayFailure(host: HostView, error: QpodError): HostFact {
  if (host.program("podman")) return problem("podman", error.fact, error.remedy ?? "");
  if (host.program("skopeo")) {
    return { name: "podman", state: "worked around", fact: "not installed; the embedded engine gets images by skopeo" };
  }
  return problem("podman", "not installed, nor is skopeo: images of registries cannot be had", "Install podman or skopeo.");
}

function sayVersion({ version, rootless }: PodmanFacts): HostFact {
  return { name: "podman", state: "ok", fact: `${version}, ${rootless ? "rootless" : "as root"}` };
}

function sayRuntime({ runtime, givenRuntime }: PodmanFacts): HostFact {
  const name = "container runtime";
  if (runtime === givenRuntime) return { name, state: "ok", fact: runtime };
  return { name, state: "worked around", fact: `${runtime} instead of ${givenRuntime}, which refuses this host's cgroups` };
}

export function sayStorage({ storageDriver, givenStorageDriver }: PodmanFacts): HostFact {
  const name = "podman's storage";
  if (storageDriver !== "vfs") {
    if (storageDriver === givenStorageDriver) return { name, state: "ok", fact: storageDriver };
    return {
      name,
      state: "worked around",
      fact: `yours is ${givenStorageDriver}, which copies whole images; qpod keeps an ${storageDriver} store of its own`,
      remedy: 'To have one store: set driver = "overlay" in ~/.config/containers/storage.conf, then podman system reset.',
    };
  }
  return problem(name, "vfs, which copies the whole image for every pod", "Run Linux 5.11 or newer, or install fuse-overlayfs.");
}

export function saySession(host: HostView): HostFact {
  const name = "user session";
  if (!host.env.XDG_RUNTIME_DIR) {
    return { name, state: "worked around", fact: "XDG_RUNTIME_DIR is not set; podman keeps its state under /tmp" };
  }
  if (host.exists("/run/systemd/system") && !host.exists(`/run/user/${host.uid}/systemd`)) {
    return {
      name,
      state: "worked around",
      fact: "you have no systemd session here; pods end with your last login unless you linger",
      remedy: `sudo loginctl enable-linger ${host.user}`,
    };
  }
  return { name, state: "ok", fact: host.env.XDG_RUNTIME_DIR };
}

function problem(name: string, fact: string, remedy: string): HostFact {
  return { name, state: "problem", fact, remedy };
}
