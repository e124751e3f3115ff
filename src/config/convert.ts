import { dirname, join, normalize, resolve } from "node:path";
import type { Place } from "../base/errors.ts";
import type { Environment, Mount, Root } from "./environment.ts";
import { splitMount } from "./mount-text.ts";
import { findDistribution } from "./releases.ts";
import type { EnvironmentData } from "./schema.ts";

/** What relative paths and `~` in a file stand for. */
export interface Surroundings {
  /** The folder of the file. */
  folder: string;
  home: string;
}

/** Makes an environment of data whose shape was checked. */
export function convertEnvironment(data: EnvironmentData, name: string, place: Place, around: Surroundings): Environment {
  const root = convertRoot(data, around);
  if (!root) throw new Error(`${name}: no root, which was checked`);
  const { description, engine, path } = data;
  const set = Object.entries(data.variables?.set ?? {}).map(([key, value]) => [key, value ?? ""] as const);
  return {
    name,
    place,
    root,
    commands: data.commands ?? [],
    defaultCommands: data["default-commands"] !== "false",
    host: Array.isArray(data.host) ? data.host.map(convertHost) : [],
    variables: { set: Object.fromEntries(set), pass: data.variables?.pass ?? [] },
    mounts: (data.mounts ?? []).map((mount) => convertMount(mount, around)),
    share: data.share ?? [],
    limits: Object.fromEntries(Object.entries(data.limits ?? {}).map(([key, value]) => [key, Number(value)])),
    ...(description === undefined ? {} : { description }),
    ...(engine === undefined ? {} : { engine }),
    ...(path === undefined ? {} : { path: plainPath(path) }),
  };
}

export const rootKeys = ["image", "archive", "rootfs", "bootstrap", "containerfile", "host"] as const;

/** The root keys that a file uses; `host` is one only where it is true, else it lists what stays on the host. */
export function usedRoots(data: Partial<Record<(typeof rootKeys)[number], unknown>>): (typeof rootKeys)[number][] {
  return rootKeys.filter((key) => data[key] !== undefined && (key !== "host" || data.host === "true"));
}

function convertRoot(data: EnvironmentData, around: Surroundings): Root | undefined {
  const path = (text: string) => resolvePath(text, around);
  if (data.image !== undefined) return { kind: "image", reference: data.image };
  if (data.archive !== undefined) return { kind: "archive", file: path(data.archive) };
  if (data.rootfs !== undefined) {
    const folder = path(data.rootfs);
    // Said so, an environment can have the host's root and a list of what stays on the host.
    return folder === "/" ? { kind: "host" } : { kind: "rootfs", folder };
  }
  if (data.bootstrap !== undefined) return convertBootstrap(data.bootstrap, path);
  if (data.containerfile !== undefined) {
    const { file, context } = typeof data.containerfile === "string" ? { file: data.containerfile } : data.containerfile;
    return { kind: "containerfile", file: path(file), context: context === undefined ? dirname(path(file)) : path(context) };
  }
  return data.host === "true" ? { kind: "host" } : undefined;
}

function convertBootstrap(data: NonNullable<EnvironmentData["bootstrap"]>, path: (text: string) => string): Root {
  const { release, distribution, packages, components, mirror, archive, keyring, trusted } =
    typeof data === "string" ? { release: data } : data;
  return {
    kind: "bootstrap",
    distribution: distribution ?? findDistribution(release) ?? "debian",
    release,
    packages: packages ?? [],
    components: components ?? [],
    ...(mirror === undefined ? {} : { mirror }),
    ...(archive === undefined ? {} : { archive }),
    ...(keyring === undefined ? {} : { keyring: path(keyring) }),
    ...(trusted === "true" ? { trusted: true } : {}),
  };
}

/** `./tools/` is written for `tools/**`. */
function convertHost(entry: string): string {
  const path = entry.replace(/^(\.\/+)+/, "").replaceAll(/\/{2,}/g, "/");
  return path.endsWith("/") ? `${path}**` : path;
}

type MountData = NonNullable<EnvironmentData["mounts"]>[number];

function convertMount(mount: MountData, around: Surroundings): Mount {
  const { source, target, "read-only": readOnly } = typeof mount === "string" ? splitMount(mount) : mount;
  const path = resolvePath(source, around);
  return { source: path, target: target === undefined ? path : plainPath(target), readOnly: readOnly === "true" };
}

export function resolvePath(text: string, { folder, home }: Surroundings): string {
  const expanded = text === "~" ? home : text.startsWith("~/") ? join(home, text.slice(2)) : text;
  return resolve(folder, expanded);
}

function plainPath(path: string): string {
  return normalize(path).replace(/(.)\/$/, "$1");
}
