import { join } from "node:path";
import type { Paths } from "../base/paths.ts";
import type { Environment, Share } from "../config/environment.ts";
import type { Pod } from "./engine.ts";

/** One thing of the host's that a pod sees. Everything is bound recursively, so mounts below a source come along. */
export interface PodMount {
  /** Absolute path on the host. */
  source: string;
  /** Absolute path in the pod. */
  target: string;
  readOnly: boolean;
  /** A missing source is no error. */
  optional: boolean;
  /** Why it is there; `home` is a folder of qpod's own that the engine makes when it is missing. */
  kind: "system" | "home" | "worktree" | "git" | "share" | "user";
}

type Variables = Record<string, string | undefined>;

/**
 * What a pod sees of the host besides /proc and /sys, which each engine mounts in its own way.
 * Parents come before what lies below them. Engines make targets that are missing, with their parents.
 */
export function mountsOf(pod: Pod, paths: Paths, env: Variables = process.env): PodMount[] {
  const { environment, worktree } = pod;
  const mounts: PodMount[] = [
    // The host's own devices: its /dev/pts makes the user's terminal a terminal inside, and /dev/ptmx belongs to it.
    mount("system", "/dev"),
    mount("system", "/tmp"),
    ...homeMount(pod, paths),
    ...environment.share.flatMap((share) => shareMounts(share, paths, env)),
    ...gitFolders(pod).map((folder) => mount("git", folder)),
    ...environment.mounts.map((own): PodMount => ({ ...own, optional: false, kind: "user" })),
    { ...mount("worktree", worktree.root), source: pod.scratch?.merged ?? worktree.root },
  ];
  if (environment.path && environment.path !== worktree.root) {
    mounts.push({ ...mount("worktree", environment.path), source: pod.scratch?.merged ?? worktree.root });
  }
  return order(withoutDoubles(mounts));
}

/** The empty home that a pod has unless the real one is shared; kept, so that tools find their settings again. */
export function homeFolderOf(id: string, paths: Paths): string {
  return join(paths.data, "homes", id);
}

function homeMount(pod: Pod, paths: Paths): PodMount[] {
  const { home } = paths;
  // A work tree around the home folder shows the real one, which an empty one must not cover.
  if (home === "/" || isInside(home, pod.worktree.root)) return [];
  if (pod.environment.share.includes("home")) return [mount("share", home)];
  return [{ ...mount("home", home), source: homeFolderOf(pod.id, paths) }];
}

function shareMounts(share: Share, paths: Paths, env: Variables): PodMount[] {
  const optional = (path: string | undefined, readOnly: boolean): PodMount[] =>
    path?.startsWith("/") ? [{ ...mount("share", path), readOnly, optional: true }] : [];
  const { home } = paths;
  switch (share) {
    case "ssh-agent":
      return optional(env.SSH_AUTH_SOCK, false);
    case "gitconfig":
      return [...optional(join(home, ".gitconfig"), true), ...optional(join(env.XDG_CONFIG_HOME || join(home, ".config"), "git"), true)];
    case "ccache":
      if (env.CCACHE_DIR) return optional(env.CCACHE_DIR, false);
      return [...optional(join(home, ".ccache"), false), ...optional(join(env.XDG_CACHE_HOME || join(home, ".cache"), "ccache"), false)];
    case "x11":
      return [...optional("/tmp/.X11-unix", false), ...optional(env.XAUTHORITY || join(home, ".Xauthority"), true)];
    case "home":
      return [];
  }
}

/** Git's folders outside the work tree, without which git inside would find no repository. */
function gitFolders({ worktree }: Pod): string[] {
  const folders = isInside(worktree.gitDir, worktree.commonDir) ? [worktree.commonDir] : [worktree.commonDir, worktree.gitDir];
  return [...new Set(folders)].filter((folder) => !isInside(folder, worktree.root));
}

function mount(kind: PodMount["kind"], path: string): PodMount {
  return { source: path, target: path, readOnly: false, optional: false, kind };
}

/** A later mount at the same target wins, and a share that a mount around it shows already is left out. */
function withoutDoubles(mounts: PodMount[]): PodMount[] {
  const byTarget = new Map(mounts.map((one) => [one.target, one]));
  const left = [...byTarget.values()];
  return left.filter((one) => {
    if (one.kind !== "share" && one.kind !== "git") return true;
    const around = left
      .filter((other) => other !== one && isInside(one.target, other.target))
      .reduce<PodMount | undefined>((a, b) => (!a || b.target.length > a.target.length ? b : a), undefined);
    return !around || around.source !== around.target || around.readOnly;
  });
}

/** By depth, which is stable: what lies in another mount comes after it. */
function order(mounts: PodMount[]): PodMount[] {
  const depth = (path: string) => path.split("/").filter(Boolean).length;
  return mounts.sort((a, b) => depth(a.target) - depth(b.target));
}

function isInside(path: string, folder: string): boolean {
  return path === folder || path.startsWith(folder.endsWith("/") ? folder : `${folder}/`);
}

/** Names of the variables that tell programs inside where a shared thing is. */
export function sharedVariables(environment: Environment): string[] {
  const names: Record<Share, string[]> = {
    "ssh-agent": ["SSH_AUTH_SOCK"],
    gitconfig: [],
    ccache: ["CCACHE_*"],
    x11: ["DISPLAY", "WAYLAND_DISPLAY", "XAUTHORITY"],
    home: [],
  };
  return environment.share.flatMap((share) => names[share]);
}
