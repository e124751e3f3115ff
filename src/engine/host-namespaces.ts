import { run } from "../process/run.ts";
import { type HostFact, type HostView, readNumber } from "./host-view.ts";

const name = "user namespaces";

/** What forbids them to every program of this user, whatever profile a security module has for it. */
export function probeNamespaceSwitches(host: HostView): HostFact {
  if (!host.exists("/proc/self/ns/user")) {
    return problem("the kernel has none", "Run a kernel built with CONFIG_USER_NS.");
  }
  if (readNumber(host, "/proc/sys/user/max_user_namespaces") === 0) {
    return problem("forbidden by user.max_user_namespaces=0", sysctl("user.max_user_namespaces=15000"));
  }
  if (host.uid === 0) return { name, state: "ok", fact: "allowed" };
  if (readNumber(host, "/proc/sys/kernel/unprivileged_userns_clone") === 0) {
    return problem("forbidden for ordinary users by kernel.unprivileged_userns_clone=0", sysctl("kernel.unprivileged_userns_clone=1"));
  }
  return { name, state: "ok", fact: "allowed by the kernel's settings" };
}

/** What the kernel's switches say; a module may still forbid it, which only `tryUserNamespace` finds out. */
export function probeUserNamespaces(host: HostView): HostFact {
  const switches = probeNamespaceSwitches(host);
  if (switches.state === "problem" || host.uid === 0) return switches;
  if (readNumber(host, "/proc/sys/kernel/apparmor_restrict_unprivileged_userns") === 1) {
    return problem(
      "AppArmor takes all rights away in a new user namespace (kernel.apparmor_restrict_unprivileged_userns=1)",
      `Give qpod-launch an AppArmor profile with "userns,", or: ${sysctl("kernel.apparmor_restrict_unprivileged_userns=0")}`,
    );
  }
  return switches;
}

/**
 * Makes one and mounts in it, which is what counts: sandboxes, seccomp filters and security modules forbid it
 * without any switch to read.
 */
export async function tryUserNamespace(host: HostView, programs = defaultTrial(host)): Promise<HostFact> {
  const settings = probeUserNamespaces(host);
  if (!programs) return settings;
  const result = await run(programs).catch((error: Error) => ({ status: 127, stderr: error.message }));
  if (result.status === 0) {
    const exempt = settings.state === "problem" ? ` (although: ${settings.fact})` : "";
    return { name, state: "ok", fact: `made one and mounted in it${exempt}` };
  }
  if (settings.state === "problem") return settings;
  return problem(
    `making one fails: ${result.stderr.trim().split("\n").at(-1) ?? ""}`,
    "A container, a sandbox or a security module forbids it; ask who runs this machine to allow unshare and mount.",
  );
}

/** Root makes a mount namespace without a user namespace, but not in every container. */
export async function tryMountNamespace(host: HostView): Promise<HostFact> {
  const unshare = host.program("unshare");
  const result = unshare ? await run([unshare, "--mount", "true"]) : { status: 0, stderr: "" };
  if (result.status === 0) return { name: "mount namespaces", state: "ok", fact: "allowed" };
  const fact = `making one fails: ${result.stderr.trim().split("\n").at(-1) ?? ""}`;
  return { name: "mount namespaces", state: "problem", fact, remedy: "Give the container or the service the capability CAP_SYS_ADMIN." };
}

function defaultTrial(host: HostView): [string, ...string[]] | undefined {
  const unshare = host.program("unshare");
  return unshare ? [unshare, "-Urm", "mount", "-t", "tmpfs", "none", "/mnt"] : undefined;
}

function problem(fact: string, remedy: string): HostFact {
  return { name, state: "problem", fact, remedy };
}

function sysctl(setting: string): string {
  return `sudo sysctl -w ${setting}`;
}
