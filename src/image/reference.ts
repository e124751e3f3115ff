import { QpodError } from "../base/errors.ts";

/** An image's name in a registry, with every part that may be left out filled in. */
export interface Reference {
  /** Host, and port if there is one: `registry.example.com:5000`. */
  registry: string;
  /** `library/debian`. */
  repository: string;
  tag?: string;
  /** `sha256:...`; it wins over the tag. */
  digest?: string;
}

const DOCKER_HUB = "docker.io";

/**
 * Reads a reference as docker does: without a host it is Docker Hub's, and never a guess among several registries.
 * @throws QpodError that says which part is wrong.
 */
export function parseReference(text: string): Reference {
  const wrong = (fact: string, remedy = "A reference looks like registry.example.com/team/image:tag.") =>
    new QpodError({ fact: `"${text}" is no image reference: ${fact}`, remedy });
  if (text === "") throw wrong("it is empty");
  const scheme = /^([a-z-]+):(\/\/)?/.exec(text);
  if (scheme && (scheme[2] || /^(docker|oci|docker-archive|oci-archive|dir)$/.test(scheme[1] ?? ""))) {
    if (scheme[2]) throw wrong(`it begins with ${scheme[0]}`, `Leave it out: ${text.slice(scheme[0].length)}`);
    throw wrong(`${scheme[0]} names a file`, "For a file, use `archive:`.");
  }
  if (/\s/.test(text)) throw wrong("it has a space in it");
  const [beforeDigest = "", digest, ...more] = text.split("@");
  if (more.length > 0) throw wrong("it has more than one @");
  if (digest !== undefined && !/^sha256:[0-9a-f]{64}$/.test(digest))
    throw wrong(`"${digest}" is no digest`, "A digest is sha256: and 64 hexadecimal digits.");
  const colon = beforeDigest.lastIndexOf(":");
  const hasTag = colon > beforeDigest.lastIndexOf("/");
  const [name, tag] = hasTag ? [beforeDigest.slice(0, colon), beforeDigest.slice(colon + 1)] : [beforeDigest, undefined];
  if (tag !== undefined && !/^\w[\w.-]{0,127}$/.test(tag))
    throw wrong(`"${tag}" is no tag`, "A tag has letters, digits, _ . and - only, and at most 128 of them.");
  const { registry, repository } = splitName(name);
  if (!/^(\[[0-9a-fA-F:]+\]|[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?)(:\d{1,5})?$/.test(registry)) throw wrong(`"${registry}" is no host`);
  const part = repository.split("/").find((one) => !/^[a-z0-9]+(([._]|__|-+)[a-z0-9]+)*$/.test(one));
  if (part !== undefined && /[A-Z]/.test(part))
    throw wrong(`"${part}" has capital letters, which names of images may not have`, `Perhaps ${text.replace(part, part.toLowerCase())}`);
  if (part !== undefined) throw wrong(part === "" ? "a part of its name is empty" : `"${part}" cannot be part of its name`);
  return {
    registry,
    repository,
    ...(digest === undefined ? { tag: tag ?? "latest" } : tag === undefined ? {} : { tag }),
    ...(digest === undefined ? {} : { digest }),
  };
}

/** The whole reference, as registries' clients take it; of tag and digest, which they do not take together, the digest. */
export function formatReference({ registry, repository, tag, digest }: Reference): string {
  return `${registry}/${repository}${digest ? `@${digest}` : `:${tag ?? "latest"}`}`;
}

/** Only a host has a dot or a port, and `localhost` is one. */
function splitName(name: string): { registry: string; repository: string } {
  const slash = name.indexOf("/");
  const first = name.slice(0, Math.max(0, slash));
  const isHost = /[.:[]/.test(first) || first === "localhost";
  const registry = isHost ? first : DOCKER_HUB;
  const rest = isHost ? name.slice(slash + 1) : name;
  const hub = registry === DOCKER_HUB || registry === "index.docker.io";
  return { registry: hub ? DOCKER_HUB : registry, repository: hub && !rest.includes("/") ? `library/${rest}` : rest };
}

/** Whether a registry is this machine: its traffic cannot be listened to, so plain HTTP is allowed, as docker allows it. */
export function isLoopback(registry: string): boolean {
  const host = registry.replace(/:\d+$/, "");
  return host === "localhost" || host.endsWith(".localhost") || /^127(\.\d{1,3}){3}$/.test(host) || host === "[::1]";
}
