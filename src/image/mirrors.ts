import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { QpodError } from "../base/errors.ts";
import { readIfThere } from "../base/files.ts";
import type { BootstrapRoot } from "../config/environment.ts";
import { lastWords, run } from "../process/run.ts";
import { type AptSource, readAptSources } from "./apt-sources.ts";

export type Bootstrap = BootstrapRoot;

/** A place that has a release. */
export interface Mirror {
  uri: string;
  /** Releases in archives get no new signatures, so their Release files are out of date for ever. */
  archived: boolean;
}

interface Distribution {
  mirror: string;
  /** Where releases go that left the mirrors. */
  archive: string;
}

const distributions: Record<string, Distribution> = {
  debian: { mirror: "http://deb.debian.org/debian", archive: "http://archive.debian.org/debian" },
  ubuntu: { mirror: "http://archive.ubuntu.com/ubuntu", archive: "http://old-releases.ubuntu.com/ubuntu" },
};

export interface Lookup {
  sources: AptSource[];
  /** `ID` and `VERSION_CODENAME` of the host. */
  host: { id: string; codename: string };
  /** undefined when the release is there, else why not. */
  probe(uri: string, release: string): Promise<string | undefined>;
}

/** Finds who serves a release: the definition's mirror, else the one of the host's apt, else the distribution's archive. */
export async function findMirror(root: Bootstrap, lookup: Lookup = thisHost()): Promise<Mirror> {
  const candidates = listMirrors(root, lookup);
  const tried: string[] = [];
  for (const mirror of candidates) {
    const fault = await lookup.probe(mirror.uri, root.release);
    if (fault === undefined) return mirror;
    tried.push(`${mirror.uri} (${fault})`);
  }
  throw new QpodError({
    fact: `${root.distribution} ${root.release} was not found: tried ${tried.join(", ")}`,
    remedy: root.mirror
      ? "Check the release's name and `mirror:`; `archive:` may name an archive that still has it."
      : "Check the release's name, or name who has it: `mirror:` or `archive:` under `bootstrap:`.",
  });
}

/** What is tried, in order. */
export function listMirrors(root: Bootstrap, { sources, host }: Pick<Lookup, "sources" | "host">): Mirror[] {
  const known = distributions[root.distribution];
  const archives = [root.archive, known?.archive].flatMap((uri) => (uri ? [trim(uri)] : []));
  const archive = archives.slice(0, 1).map((uri) => ({ uri, archived: true }));
  if (root.mirror) {
    const uri = trim(root.mirror);
    if (archives.includes(uri)) return [{ uri, archived: true }];
    // Who names a mirror wants no other, unless they say so.
    return [{ uri, archived: false }, ...(root.archive ? archive : [])];
  }
  if (!known) {
    if (root.archive) return archive;
    throw new QpodError({
      fact: `qpod knows no mirror of the distribution "${root.distribution}"`,
      remedy: `Name one with \`mirror:\`; known are ${Object.keys(distributions).join(" and ")}.`,
    });
  }
  // The main archive is the source of the host's own release; others may be of the same distribution and lack it.
  const own =
    host.id === root.distribution
      ? sources.find(({ uri, suites }) => suites.includes(host.codename) && /^(https?|file):/.test(uri))
      : undefined;
  const uris = [...new Set([trim(own?.uri ?? known.mirror), known.mirror])];
  return [...uris.map((uri) => ({ uri, archived: false })), ...archive];
}

function trim(uri: string): string {
  return uri.replace(/\/+$/, "");
}

function thisHost(): Lookup {
  const release = readIfThere("/etc/os-release") ?? "";
  const field = (name: string) => release.match(new RegExp(`^${name}=["']?([^"'\n]*)`, "m"))?.[1] ?? "";
  return { sources: readAptSources(), host: { id: field("ID"), codename: field("VERSION_CODENAME") }, probe: probeRelease };
}

const APT_HELPER = "/usr/lib/apt/apt-helper";

/** Asks for the Release file, by apt's own downloader if there is one: it knows the host's proxy, certificates and passwords. */
async function probeRelease(uri: string, release: string): Promise<string | undefined> {
  let fault = "";
  for (const name of ["InRelease", "Release"]) {
    const url = `${uri}/dists/${release}/${name}`;
    const failure = existsSync(APT_HELPER) ? await probeByApt(url) : await probeByFetch(url);
    if (failure === undefined) return undefined;
    fault ||= failure;
    // A host that cannot be reached is not asked twice.
    if (!/404|File not found/.test(failure)) break;
  }
  return fault;
}

async function probeByApt(url: string): Promise<string | undefined> {
  const folder = mkdtempSync(join(tmpdir(), "qpod-release-"));
  try {
    const argv = [APT_HELPER, "-oAcquire::Retries=0", "-oAPT::Sandbox::User=root", "download-file", url, join(folder, "Release")] as const;
    const result = await run(argv, { env: { ...process.env, LC_ALL: "C" } });
    if (result.status === 0) return undefined;
    const line = result.stderr.split("\n").find((one) => one.includes("Failed to fetch")) ?? lastWords(result.stderr);
    return line
      .replace(/^E: Failed to fetch \S+\s*/, "")
      .replace(/\s*\[IP:.*$/, "")
      .replaceAll(/\s+/g, " ");
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function probeByFetch(url: string): Promise<string | undefined> {
  if (url.startsWith("file:")) return existsSync(fileURLToPath(url)) ? undefined : "File not found";
  try {
    const response = await fetch(url, { method: "HEAD", signal: AbortSignal.timeout(30_000) });
    return response.ok ? undefined : `${response.status} ${response.statusText}`;
  } catch (error) {
    const cause = (error as Error).cause;
    return String((cause as Error | undefined)?.message ?? (error as Error).message);
  }
}
