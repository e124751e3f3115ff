import type { Place } from "../base/errors.ts";

/** Where an environment's root filesystem comes from; an environment names exactly one. */
export type Root =
  | { kind: "image"; reference: string }
  | { kind: "archive"; file: string }
  | { kind: "rootfs"; folder: string }
  | BootstrapRoot
  | { kind: "containerfile"; file: string; context: string }
  | { kind: "host" };

/** Resource limits by name, as numbers of what they count; those of sizes count bytes. */
export const limitNames = ["open-files", "processes", "stack", "core", "memory"] as const;
export type Limits = Partial<Record<(typeof limitNames)[number], number>>;

export interface BootstrapRoot {
  kind: "bootstrap";
  distribution: string;
  release: string;
  packages: string[];
  components: string[];
  mirror?: string;
  /** Asked when no mirror has the release; what it has is out of date for ever. The distribution's own if left out. */
  archive?: string;
  /** The file with the keys that sign the release, instead of those that this machine trusts. */
  keyring?: string;
  /** Takes the release though nothing shows that it is the distribution's. */
  trusted?: true;
}

export interface Mount {
  /** Absolute path on the host. */
  source: string;
  /** Absolute path in the environment. */
  target: string;
  readOnly: boolean;
}

/** Ready bundles of mounts and variables. */
export const shares = ["ssh-agent", "gitconfig", "ccache", "x11", "home"] as const;
export type Share = (typeof shares)[number];

export const engineNames = ["embedded", "podman", "docker"] as const;
export type EngineName = (typeof engineNames)[number];

/** A named definition, read and checked; every path is absolute, `~` and relative paths are resolved. */
export interface Environment {
  name: string;
  /** A line for `qpod env list`. */
  description?: string;
  /** The file that defines it. */
  place: Place;
  root: Root;
  /** Only when the definition names one; `engine/select.ts` chooses otherwise. */
  engine?: EngineName;
  /** Commands that run here besides the default ones: names or globs such as `*-elf-gcc`. */
  commands: string[];
  /** False removes the default commands. */
  defaultCommands: boolean;
  /** Commands (names) and repository paths (globs with a slash) that stay on the host. */
  host: string[];
  /** Variables with fixed values, and names (a trailing `*` is allowed) that pass from the caller. */
  variables: { set: Record<string, string>; pass: string[] };
  mounts: Mount[];
  share: Share[];
  /** Resource limits of commands; never more than the caller's hard ones. */
  limits: Limits;
  /** A fixed path such as `/qpod` under which the repository is visible too; commands run there. */
  path?: string;
}
