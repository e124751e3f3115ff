import { QpodError } from "../base/errors.ts";
import { lastWords } from "../process/run.ts";
import { diskFull } from "./host-tools.ts";
import { formatReference, type Reference } from "./reference.ts";

/** What kept an image from being pulled. */
export type PullFault =
  | "login"
  | "password"
  | "missing"
  | "architecture"
  | "plain"
  | "certificate"
  | "limit"
  | "full"
  | "unreachable"
  | "unknown";

/** podman and skopeo share the library that says these things; the first that matches counts. */
const patterns: [PullFault, RegExp][] = [
  ["full", /no space left on device|disk quota exceeded/i],
  ["password", /invalid username\/password|incorrect username or password/i],
  [
    "missing",
    /manifest unknown|name unknown|NAME_UNKNOWN|MANIFEST_UNKNOWN|repository .*not (?:known|found)|reading manifest .*not found|\b404\b/i,
  ],
  ["login", /unauthorized|authentication required|access to the resource is denied|access denied|denied:|no basic auth|\b40[13]\b/i],
  ["limit", /toomanyrequests|too many requests|\b429\b/i],
  ["architecture", /no image found in (?:manifest list|image index) for architecture/i],
  ["plain", /server gave HTTP response to HTTPS client/i],
  ["certificate", /x509|certificate|tls: /i],
  [
    "unreachable",
    /no such host|name resolution|connection refused|no route to host|network is unreachable|i\/o timeout|deadline exceeded|connection reset|TLS handshake|\b50[234]\b|unexpected EOF/i,
  ],
];

export function classifyPullFault(stderr: string): PullFault {
  return patterns.find(([, pattern]) => pattern.test(stderr))?.[0] ?? "unknown";
}

/** The error for an image that podman or skopeo could not get. */
export function pullError(reference: Reference, stderr: string): QpodError {
  const name = formatReference(reference);
  const { registry } = reference;
  const fault = classifyPullFault(stderr);
  const error = (fact: string, remedy: string) => new QpodError({ fact, remedy });
  switch (fault) {
    case "login":
      return error(`${registry} asks for a login before it gives ${name}`, `Log in: qpod login ${registry}`);
    case "password":
      return error(`${registry} does not accept the name and password`, `Log in again: qpod login ${registry}`);
    case "missing":
      return error(`${registry} has no image ${name}`, "Check the name and the tag; some registries also say so to who may not see it.");
    case "limit":
      return error(`${registry} refuses more pulls for now`, `Wait, or log in: qpod login ${registry}`);
    case "architecture":
      return error(`${name} is not there for this machine's architecture`, "Choose an image that is.");
    case "plain":
      return error(
        `${registry} speaks plain HTTP, where others could listen or change what is pulled`,
        `If that is meant, put into /etc/containers/registries.conf: [[registry]] location="${registry}" insecure=true`,
      );
    case "certificate":
      return error(
        `the certificate of ${registry} is not trusted: ${ending(stderr)}`,
        `Put its authority's certificate into /etc/containers/certs.d/${registry}/ca.crt`,
      );
    case "unreachable":
      return error(
        `${registry} cannot be reached: ${ending(stderr)}`,
        "Check the registry's name, the network, and a proxy (HTTPS_PROXY).",
      );
    case "full":
      return diskFull();
    case "unknown":
      return new QpodError({ fact: `${name} cannot be pulled: ${ending(stderr)}` });
  }
}

/** What was being done comes first in these messages, and the reason last. */
function ending(stderr: string): string {
  const words = /msg="(.*)"$/.exec(lastWords(stderr))?.[1]?.replaceAll('\\"', '"') ?? lastWords(stderr).replace(/^Error: /, "");
  // From the beginning of a word.
  return words.length <= 120 ? words : `…${words.slice(-119).replace(/^\S*/, "")}`;
}
