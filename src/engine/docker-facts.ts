import { statSync } from "node:fs";
import { join } from "node:path";
import { QpodError } from "../base/errors.ts";
import { readIfThere, replaceFile } from "../base/files.ts";
import type { Paths } from "../base/paths.ts";
import { run } from "../process/run.ts";
import { sayError } from "./container-call.ts";
import type { HostView } from "./host-view.ts";

/** What docker on this host is like. */
export interface DockerFacts {
  program: string;
  /** The daemon's. */
  version: string;
  /** The socket that the daemon listens on. */
  socket: string;
  /** The group whose members may use it. */
  group: number;
  storageDriver: string;
}

/** What is used of `docker info`. */
export interface DockerInfo {
  ServerVersion?: string;
  Driver?: string;
  SecurityOptions?: string[] | null;
  ServerErrors?: string[] | null;
}

/** With CONTAINER_HOST for DOCKER_HOST, where only that is set: podman's service speaks docker's language too. */
export function dockerVariables(env: HostView["env"]): HostView["env"] {
  const { DOCKER_HOST, DOCKER_CONTEXT, CONTAINER_HOST } = env;
  return !DOCKER_HOST && !DOCKER_CONTEXT && CONTAINER_HOST?.startsWith("unix://") ? { ...env, DOCKER_HOST: CONTAINER_HOST } : env;
}

const USUAL_SOCKET = "/var/run/docker.sock";

/**
 * Asks docker, at most once for each daemon and configuration: asking takes a tenth of a second.
 * @throws QpodError when docker is missing, may not be used, or is of a kind whose containers cannot be entered.
 */
export async function readDockerFacts(host: HostView, paths: Paths): Promise<DockerFacts> {
  const program = host.program("docker");
  if (!program) throw new QpodError({ fact: "docker is not installed", remedy: "Install the package docker.io." });
  const env = dockerVariables(host.env);
  const key = [program, env.DOCKER_HOST, env.DOCKER_CONTEXT, ...configurations(env, paths).map(stateOf)].join("\n");
  const file = join(paths.runtime, "docker.json");
  const known = readKnown(file, key);
  if (known) return known;
  const [asked, where] = await Promise.all([
    run([program, "info", "--format", "{{json .}}"], { env }),
    run([program, "context", "inspect", "--format", "{{.Endpoints.docker.Host}}"], { env }),
  ]);
  const facts = judgeDocker(host, program, { ...asked, endpoint: where.stdout.trim() });
  replaceFile(file, JSON.stringify({ key, facts }));
  return facts;
}

/** @throws QpodError that says why this docker is of no use. */
export function judgeDocker(
  host: HostView,
  program: string,
  { stdout, stderr, endpoint }: { stdout: string; stderr: string; endpoint: string },
): DockerFacts {
  const socket = /^unix:\/\/(\/.*)$/.exec(endpoint)?.[1];
  if (!socket) {
    throw new QpodError({
      fact: `docker's daemon is at ${endpoint || "no address"}: only one on this machine can be used`,
      remedy: "Set DOCKER_HOST to the daemon's socket: unix:///var/run/docker.sock.",
    });
  }
  const info = parseInfo(stdout);
  if (!info?.ServerVersion) {
    const words = sayError(info?.ServerErrors?.join("\n") || stderr);
    throw new QpodError({ fact: `docker does not work here: ${words}`, remedy: remedyFor(words, host) });
  }
  if (info.SecurityOptions?.some((option) => /^name=rootless/.test(option))) {
    throw new QpodError({
      fact: "docker's daemon runs rootless, and its containers cannot be entered",
      remedy: "podman does the same without a daemon: install it, or use the embedded engine.",
    });
  }
  return { program, version: info.ServerVersion, socket, group: groupOf(socket), storageDriver: info.Driver ?? "" };
}

function parseInfo(json: string): DockerInfo | undefined {
  try {
    return JSON.parse(json) as DockerInfo;
  } catch {
    return undefined;
  }
}

function remedyFor(words: string, host: HostView): string {
  if (/permission denied/i.test(words)) return `Join its group, and log in again: sudo usermod --append --groups docker ${host.user}`;
  return "`docker info` must succeed first: is the daemon running, and DOCKER_HOST right?";
}

function groupOf(socket: string): number {
  return statSync(socket, { throwIfNoEntry: false })?.gid ?? 0;
}

function readKnown(file: string, key: string): DockerFacts | undefined {
  try {
    const known = JSON.parse(readIfThere(file) ?? "{}") as { key?: string; facts?: DockerFacts };
    return known.key === key ? known.facts : undefined;
  } catch {
    return undefined;
  }
}

/** The client's settings, and the socket: it is another one once the daemon was started anew. */
function configurations(env: HostView["env"], paths: Paths): string[] {
  const socket = /^unix:\/\/(\/.*)$/.exec(env.DOCKER_HOST ?? "")?.[1] ?? USUAL_SOCKET;
  return [socket, join(env.DOCKER_CONFIG || join(paths.home, ".docker"), "config.json")];
}

function stateOf(file: string): string {
  const info = statSync(file, { throwIfNoEntry: false });
  return `${file}:${info?.ino ?? ""}:${info?.ctimeMs ?? ""}`;
}
