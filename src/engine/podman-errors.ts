import { QpodError } from "../base/errors.ts";
import { lastWords } from "../process/run.ts";
import { registryOf } from "./podman-arguments.ts";

interface Known {
  pattern: RegExp;
  fact: (reference: string) => string;
  remedy: (reference: string) => string;
}

const host = (reference: string) => registryOf(reference) ?? "docker.io";

/** What registries and podman answer when an image cannot be had; the first that matches counts. */
const known: Known[] = [
  {
    pattern: /short-name .* did not resolve|no unqualified-search/i,
    fact: (reference) => `${reference} names no registry`,
    remedy: (reference) => `Write the registry too, such as docker.io/library/${reference}.`,
  },
  {
    pattern: /manifest unknown|manifest for .* not found|name unknown|repository .*not (known|found)|reading manifest .* not found/i,
    fact: (reference) => `${host(reference)} has no image ${reference}`,
    remedy: () => "Check the name and the tag; a registry may also say so when you are not allowed to see it.",
  },
  {
    pattern: /invalid username\/password|incorrect username or password/i,
    fact: (reference) => `${host(reference)} does not accept the name and password`,
    remedy: (reference) => `Log in again: qpod login ${host(reference)}`,
  },
  {
    pattern: /unauthori[sz]ed|authentication required|access to the resource is denied|no basic auth|\b401\b|\b403\b/i,
    fact: (reference) => `${host(reference)} asks for a login before it gives ${reference}`,
    remedy: (reference) => `Log in first: qpod login ${host(reference)}`,
  },
  {
    pattern: /no space left on device|disk quota exceeded/i,
    fact: (reference) => `the disk is full: ${reference} could not be stored`,
    remedy: () => "`qpod gc` removes what nothing refers to.",
  },
  {
    pattern: /x509|certificate/i,
    fact: (reference) => `the certificate of ${host(reference)} is not trusted`,
    remedy: (reference) => `Put its authority's certificate into /etc/containers/certs.d/${host(reference)}/ca.crt.`,
  },
  {
    pattern: /server gave HTTP response to HTTPS client/i,
    fact: (reference) => `${host(reference)} speaks plain HTTP`,
    remedy: (reference) => `If that is meant, say so in /etc/containers/registries.conf: [[registry]] location="${host(reference)}" insecure=true`,
  },
  {
    pattern: /no such host|name resolution|connection refused|no route to host|network is unreachable|i\/o timeout|deadline exceeded|connection reset|TLS handshake|pinging container registry/i,
    fact: (reference) => `${host(reference)} cannot be reached`,
    remedy: () => "Check the network, a proxy (HTTPS_PROXY) and the registry's name.",
  },
  {
    pattern: /no image found in (image index|manifest list) for architecture/i,
    fact: (reference) => `${reference} is not there for this machine's architecture`,
    remedy: () => "Choose an image that is.",
  },
  {
    pattern: /insufficient UIDs or GIDs|potentially insufficient|lchown .* invalid argument/i,
    fact: (reference) => `${reference} has files of owners that you have no ids for`,
    remedy: () => "`qpod doctor` says how to get subordinate ids; then run `podman system migrate`.",
  },
];

/** Turns podman's words about an image into a fact and a remedy; the words themselves follow the fact. */
export function imageError(reference: string, stderr: string): QpodError {
  const words = lastWords(stderr).replace(/^Error: /, "");
  const found = known.find(({ pattern }) => pattern.test(stderr));
  if (!found) return new QpodError({ fact: `podman cannot get ${reference}: ${words}` });
  return new QpodError({ fact: `${found.fact(reference)} (${innermost(words)})`, remedy: found.remedy(reference) });
}

/** podman wraps the reason in what it was doing, outermost first; the end is what counts. */
function innermost(words: string): string {
  return words.length <= 100 ? words : `…${words.slice(-99)}`;
}
