import { QpodError } from "../base/errors.ts";
import type { Progress } from "../base/progress.ts";
import { run } from "../process/run.ts";
import { findTool } from "./host-tools.ts";
import { countBytes, type Manifest, sayBytes, sumLayers } from "./pull-size.ts";
import { formatReference, isLoopback, parseReference, type Reference } from "./reference.ts";
import { classifyPullFault, pullError } from "./registry-errors.ts";

const NEEDS_TOOL = "Install podman or skopeo.";

/** podman's and skopeo's option for a registry on this machine, which may speak plain HTTP. */
export function tlsOptions(registry: string, prefix: "" | "src-" = ""): string[] {
  return isLoopback(registry) ? [`--${prefix}tls-verify=false`] : [];
}

/**
 * Pulls an image into an OCI layout folder. Credentials come from the standard auth.json.
 * @throws QpodError that says whether a login, the name, the network or a certificate is what is wrong.
 */
export async function pullToLayout(text: string, folder: string, progress: Progress): Promise<void> {
  const reference = parseReference(text);
  const name = formatReference(reference);
  if (!findTool("skopeo"))
    throw new QpodError({ fact: `${name} cannot be pulled: neither podman nor skopeo is installed`, remedy: NEEDS_TOOL });
  progress.step(`pulling ${name}`);
  const total = await sumLayers((digest) => readManifest(digest === undefined ? reference : { ...reference, digest }));
  const say = () => progress.update(sayBytes(countBytes(folder), total));
  const timer = setInterval(say, 200);
  try {
    const result = await run(["skopeo", "copy", ...tlsOptions(reference.registry, "src-"), `docker://${name}`, `oci:${folder}:latest`], {
      onLine: say,
      lines: "both",
    });
    if (result.status !== 0) throw pullError(reference, result.stderr);
  } finally {
    clearInterval(timer);
  }
}

/** The first that is asked of the registry: what stands in the way is found out here. */
async function readManifest(reference: Reference): Promise<Manifest> {
  const result = await run(["skopeo", "inspect", "--raw", ...tlsOptions(reference.registry), `docker://${formatReference(reference)}`]);
  if (result.status !== 0) throw pullError(reference, result.stderr);
  try {
    return JSON.parse(result.stdout) as Manifest;
  } catch {
    return {};
  }
}

export interface Login {
  user?: string;
  /** Goes through stdin, never through argv; without it the tool asks on the terminal. */
  password?: string;
}

/**
 * Logs in to a registry and keeps the credentials where podman, skopeo and buildah look for them.
 * @param host as in a reference: `registry.example.com`, a port if it has one.
 */
export async function login(host: string, { user, password }: Login = {}): Promise<void> {
  const { registry } = checkHost(host);
  const tool = findTool("podman") ?? findTool("skopeo");
  if (!tool) throw new QpodError({ fact: `cannot log in to ${registry}: neither podman nor skopeo is installed`, remedy: NEEDS_TOOL });
  if (password === undefined && !process.stdin.isTTY) {
    throw new QpodError({
      fact: "no password was given, and there is no terminal to ask on",
      remedy: `Give it on stdin: qpod login --username NAME --password-stdin ${registry}`,
    });
  }
  const options = [...tlsOptions(registry), ...(user === undefined ? [] : ["--username", user])];
  if (password === undefined) {
    const result = await run([tool, "login", ...options, registry], { inherit: true });
    if (result.status !== 0) throw new QpodError({ fact: `the login to ${registry} failed` });
    return;
  }
  if (user === undefined)
    throw new QpodError({ fact: "a password was given, but no user", remedy: `qpod login --username NAME --password-stdin ${registry}` });
  const result = await run([tool, "login", ...options, "--password-stdin", registry], { input: password });
  if (result.status !== 0) throw loginError(registry, result.stderr);
}

function loginError(registry: string, stderr: string): QpodError {
  const fault = classifyPullFault(stderr);
  if (fault === "password" || fault === "login") {
    return new QpodError({
      fact: `${registry} does not accept the name and password`,
      remedy: "Check both; some registries want an access token as the password.",
    });
  }
  return pullError({ registry, repository: "", tag: "" }, stderr);
}

/** A path after the host is dropped: logins are per host. */
function checkHost(host: string): Reference {
  const name = host.replace(/^https?:\/\//, "").replace(/\/.*$/s, "");
  try {
    const reference = parseReference(`${name}/x/y`);
    if (reference.registry === name) return reference;
  } catch {
    // It is said below, with the word that was given.
  }
  throw new QpodError({ fact: `"${host}" is no registry`, remedy: "Give its host, and port if it has one: registry.example.com:5000" });
}
